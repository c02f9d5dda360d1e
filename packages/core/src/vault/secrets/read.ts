// Reading values: get, use and getAll.
import type { Scope, SecretInfo, SecretRef, StoredSecret } from '../../contracts/index.ts'
import { isVaultError, VaultError } from '../../errors/index.ts'
import { audited, type Call, type Caller, type EventFacts, failureFacts } from '../operation.ts'
import type { ParsedRead } from '../parse/read.ts'
import { admitRecord, type Granted } from '../record/admit.ts'
import { infoFor, isCanary, tripped } from '../record/canary.ts'
import { isExpired } from '../record/describe.ts'
import type { Asked } from '../record/load.ts'
import { checkUsable, openForUse } from '../record/open-for-use.ts'
import { type OpenedVersion, openVersion } from '../record/open-version.ts'
import type { SecretValue } from '../secret-value.ts'

/** A secret to open, under the verb that was called. */
export interface ReadRequest {
  readonly operation: string
  readonly ref: SecretRef
  readonly options: ParsedRead
}

/** Opens one secret; undefined when it is absent or may not be known of. */
export function readSecret(caller: Caller, { operation, ref, options }: ReadRequest): Promise<SecretValue | undefined> {
  const { version, minVersion, onlyIf, signal } = options
  const request = { operation, action: 'secret.accessed', ref, signal } as const
  return audited(caller, request, (call) =>
    openForUse<SecretValue | undefined>(call, {
      ref,
      version,
      minVersion,
      absent: undefined,
      instead: onlyIf && (async (secret) => refuseUnless(onlyIf, call, secret)),
      take(value, record) {
        call.runtime.uses.add(record)
        return value
      },
    }),
  )
}

/** Throws unless the caller's own condition holds for the secret. */
function refuseUnless(onlyIf: (info: SecretInfo) => boolean, call: Call, secret: Granted): undefined {
  if (onlyIf(infoFor(secret, call.runtime.config.clock.now()))) return undefined
  const detail = 'must return true for this secret.'
  throw new VaultError('VAULT_ACCESS_DENIED', { ref: secret.record.ref, field: 'onlyIf', detail })
}

/** The result of `getAll`: every secret that the principal may read and that is in use is in one of both, by name. */
export interface GetAllResult {
  readonly values: ReadonlyMap<string, SecretValue>
  /** Why a secret could not be opened. */
  readonly errors: ReadonlyMap<string, VaultError>
}

/** Opens every usable secret of a scope that the principal may read: one query, and one event for each secret. */
export function readAll(
  caller: Caller,
  { scope, signal }: { readonly scope: Scope; readonly signal: AbortSignal | undefined },
): Promise<GetAllResult> {
  const request = { operation: 'getAll', action: 'secret.accessed', ref: scope, signal } as const
  return audited(caller, request, async (call) => {
    const { store, config, seen } = call.runtime
    const limit = config.limits.getAll
    const since = seen.now()
    const found = await store.secrets.findAll(scope, { ...call.serving, limit: limit + 1 })
    const values = new Map<string, SecretValue>()
    const errors = new Map<string, VaultError>()
    const events: EventFacts[] = []
    const discard = (): void => {
      for (const value of values.values()) value.dispose()
    }
    try {
      for (const record of found.slice(0, limit)) {
        const { name } = record.ref
        const one = await readOne(call, record, { ref: { ...scope, name }, since })
        if (one === undefined) continue
        if (!('failure' in one)) values.set(name, one.value)
        else if (isVaultError(one.failure)) errors.set(name, one.failure)
        else throw one.failure
        events.push({ ...one.facts, name })
        if (!('failure' in one) && isCanary(record)) events.push({ ...tripped(call, record, one.facts), name })
      }
      // Only a principal that may read something here learns that there is too much.
      if (found.length > limit && events.length > 0) throw new VaultError('VAULT_NOT_SUPPORTED', { detail: tooMany })
    } catch (error) {
      discard()
      throw error
    }
    const isOwn = call.principal.id === scope.owner
    const none = isOwn ? ({ outcome: 'allowed' } as const) : noneOf(found.length)
    return { result: { values, errors }, event: events.length > 0 ? events : none, discard }
  })
}

/** The event of a principal who may use none of so many secrets. */
export function noneOf(secrets: number): EventFacts {
  return secrets > 0 ? { outcome: 'denied', hidden: true } : { outcome: 'missing' }
}

const tooMany = 'The scope has more secrets than limits.getAll allows. Use list and get.'

/** One secret of many: those that are inactive, expired or hidden from the principal are skipped. */
async function readOne(
  call: Call,
  record: StoredSecret,
  asked: Asked,
): Promise<OpenedVersion | { readonly failure: unknown; readonly facts: EventFacts } | undefined> {
  const admission = await admitRecord(call, record, { ...asked, operation: 'get' })
  if (admission.kind === 'untrusted' && admission.known) {
    return { failure: admission.error, facts: failureFacts(admission.error) }
  }
  const isUsable = record.state === 'active' && !isExpired(record, call.runtime.config.clock.now())
  if (admission.kind !== 'granted' || !isUsable) return undefined
  const facts = { ...admission.facts, version: record.currentVersion }
  try {
    checkUsable(call, record)
    const opened = await openVersion(call, admission, record.currentVersion)
    if (opened === undefined) return undefined
    call.runtime.uses.add(record)
    return { value: opened.value, facts: { ...facts, ...opened.facts } }
  } catch (failure) {
    return { failure, facts: { ...facts, ...failureFacts(failure) } }
  }
}
