// validate: asks a probe whether a value still works, and says so without the value.
import type { SecretInfo, SecretRef } from '../../contracts/index.ts'
import { isVaultError } from '../../errors/index.ts'
import { withDeadline } from '../../time/index.ts'
import { audited, type Caller } from '../operation.ts'
import { type ParsedValidate, type ProbeFinding, parseFinding } from '../parse/renew.ts'
import { infoOf } from '../record/describe.ts'
import { openForUse } from '../record/open-for-use.ts'
import { withoutValue } from '../record/without-value.ts'
import type { SecretValue } from '../secret-value.ts'

/** What a probe is given beside the value. */
export interface ProbeCall {
  /** Aborted when nobody waits any more. */
  readonly signal: AbortSignal
  /** The secret without its value, such as the hosts that it may be sent to. */
  readonly info: SecretInfo
}

/** Tries a value, which is wiped when it has settled. One that throws has found nothing: the status is `unknown`. */
export type ProbeFunction = (value: SecretValue, call: ProbeCall) => ProbeFinding | PromiseLike<ProbeFinding>

/** Whether a value still works. */
export interface ValidationReport extends ProbeFinding {
  /** The version that was tried. */
  readonly version: number
  readonly checkedAt: Date
}

interface ValidateRequest {
  readonly ref: SecretRef
  readonly probe: ProbeFunction
  readonly options: ParsedValidate
}

interface Tried {
  readonly value: SecretValue
  readonly info: SecretInfo
}

/** Asks the probe; undefined when the secret is absent. */
export async function validateSecret(caller: Caller, request: ValidateRequest): Promise<ValidationReport | undefined> {
  const tried = await openToTry(caller, request)
  if (tried === undefined) return undefined
  const { value, info } = tried
  try {
    const { status, summary } = await findingOf(caller, request, tried)
    const { clock } = caller.holder.config
    return Object.freeze({
      status,
      summary: await withoutValue(summary, value),
      version: info.version,
      checkedAt: clock.now(),
    })
  } finally {
    value.dispose()
  }
}

function openToTry(caller: Caller, { ref, options }: ValidateRequest): Promise<Tried | undefined> {
  const request = { operation: 'validate', action: 'secret.validated', ref, signal: options.signal } as const
  return audited(caller, request, (call) =>
    openForUse<Tried | undefined>(call, {
      ref,
      absent: undefined,
      take: (value, record) => ({ value, info: infoOf(record, call.runtime.config.clock.now()) }),
    }),
  )
}

async function findingOf(
  caller: Caller,
  { probe, options }: ValidateRequest,
  { value, info }: Tried,
): Promise<ProbeFinding> {
  const { clock } = caller.holder.config
  const { limitMs, signal } = options
  let answer: unknown
  try {
    const timeoutError = (): Error => new Error('The probe took too long.')
    answer = await withDeadline({ clock, limitMs, signal, timeoutError }, (limited) =>
      probe(value, { signal: limited.signal, info }),
    )
  } catch (error) {
    signal?.throwIfAborted()
    // The text of a foreign error may hold anything, in any encoding.
    const summary = isVaultError(error) ? error.message : 'The probe failed or took too long.'
    return { status: 'unknown', summary }
  }
  return parseFinding(answer)
}
