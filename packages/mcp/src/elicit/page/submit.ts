// A form that was sent: checked, tried at the provider, and stored under a link that works once.
import { isVaultError, type Principal, type VaultError } from '@mcpvault/core'
import type { PresetInput } from '@mcpvault/core/presets'
import type { Link } from '../link.ts'
import type { ProbeOutcome } from '../options.ts'
import type { ElicitParts } from '../parts.ts'
import { type SecretForm, typedIn, valueIn } from './fields.ts'

interface Submission {
  readonly link: Link
  readonly principal: Principal
  readonly forms: readonly SecretForm[]
  readonly form: URLSearchParams
  readonly request: Request
}

export type SubmitOutcome =
  | { readonly kind: 'stored' | 'used' }
  | {
      readonly kind: 'refused'
      /** By the name of the field in the form; the message goes on from its label. */
      readonly problems: ReadonlyMap<string, string>
      /** What may be shown again: fields that are no secrets. */
      readonly typed: ReadonlyMap<string, string>
      /** The code of what the vault says of all of them. */
      readonly code?: string
    }

const probeLimitMs = 10_000

export async function submit(parts: ElicitParts, submission: Submission): Promise<SubmitOutcome> {
  const { link, forms, form } = submission
  const values = forms.map((each) => ({ form: each, value: valueIn(form, each) }))
  const wrong = new Map(values.flatMap(problemsOf))
  if (wrong.size > 0) return refused(submission, wrong)
  const refusedThere = new Map((await Promise.all(values.map((each) => probed(parts, submission, each)))).flat())
  if (refusedThere.size > 0) return refused(submission, refusedThere)
  if (!(await parts.state.claim(link))) return { kind: 'used' }
  try {
    for (const each of values) await store(parts, submission, each)
  } catch (error) {
    await parts.state.release(link.id)
    if (!isVaultError(error) || error.retryable) throw error
    return { ...refused(submission, new Map()), code: codeOf(error) }
  }
  await parts.state.markStored(link.id)
  parts.completions.complete(link.id)
  return { kind: 'stored' }
}

interface TypedSecret {
  readonly form: SecretForm
  readonly value: PresetInput
}

type Problems = readonly (readonly [input: string, message: string])[]

function problemsOf({ form: { preset, fields }, value }: TypedSecret): Problems {
  const check = preset.check(value)
  if (check.ok) return []
  // What no field is named for stands beside the first.
  const inputOf = (name: string): string => (fields.find((each) => each.name === name) ?? fields[0])?.input ?? ''
  return check.problems.map(({ field, message }) => [inputOf(field), message] as const)
}

async function probed(
  { config: { probe, clock } }: ElicitParts,
  { request }: Submission,
  { form: { server, name, preset, fields }, value }: TypedSecret,
): Promise<Problems> {
  if (probe === undefined) return []
  const limit = new AbortController()
  const cancel = clock.schedule(() => limit.abort(), probeLimitMs)
  const signal = AbortSignal.any([limit.signal, request.signal])
  const late = new Promise<ProbeOutcome>((resolve) => {
    if (signal.aborted) resolve('unknown')
    signal.addEventListener('abort', () => resolve('unknown'), { once: true })
  })
  try {
    const asked = Promise.resolve(probe({ server, name, preset: preset.id, value, signal }))
    const outcome = await Promise.race([asked, late])
    const input = (fields.find(({ isSecret }) => isSecret) ?? fields[0])?.input ?? ''
    return outcome === 'invalid' ? [[input, 'was refused by the provider.']] : []
  } catch {
    // The provider is away: whether the value works is not known, and the tool will find out.
    return []
  } finally {
    cancel()
  }
}

async function store(
  { config: { vault } }: ElicitParts,
  { principal, request }: Submission,
  { form: { server, name, preset }, value }: TypedSecret,
): Promise<void> {
  const userAgent = request.headers.get('user-agent') ?? undefined
  const scope = vault.as(principal, { reason: 'elicitation', userAgent }).scope({ server })
  // The type of a secret that is there already stays what its owner made it.
  const known = await scope.describe(name)
  await scope.set(name, value, known === undefined ? { type: preset.type } : {})
}

function refused(
  { forms, form }: Submission,
  problems: ReadonlyMap<string, string>,
): SubmitOutcome & { kind: 'refused' } {
  const shown = forms.flatMap(({ fields }) => fields.filter(({ isSecret }) => !isSecret))
  return { kind: 'refused', problems, typed: new Map(shown.map(({ input }) => [input, typedIn(form, input)])) }
}

function codeOf({ code }: VaultError): string {
  return code
}
