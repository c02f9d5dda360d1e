// Looking at a secret without its value: describe, history and require.
import type { Scope, SecretInfo, SecretRef, VersionInfo } from '../../contracts/index.ts'
import { isVaultError } from '../../errors/index.ts'
import { audited, type Call, type Caller } from '../call.ts'
import { parseSecretName } from '../parse/names.ts'
import { admit } from '../record/admit.ts'
import { historyOf, infoOf } from '../record/describe.ts'
import { isTampered } from '../record/load.ts'

interface LookRequest {
  readonly ref: SecretRef
  readonly signal: AbortSignal | undefined
}

/** A secret's description; undefined when it is absent. */
export function describeSecret(caller: Caller, { ref, signal }: LookRequest): Promise<SecretInfo | undefined> {
  return audited(caller, { operation: 'describe', action: 'secret.listed', ref, signal }, async (call) => {
    const loaded = await admit(call, { ref, operation: 'describe', versions: 'current' })
    return loaded && infoOf(loaded.record, call.runtime.config.clock.now())
  })
}

/** A secret's kept versions, newest first; undefined when it is absent. */
export function secretHistory(
  caller: Caller,
  { ref, signal }: LookRequest,
): Promise<readonly VersionInfo[] | undefined> {
  return audited(caller, { operation: 'history', action: 'secret.listed', ref, signal }, async (call) => {
    const loaded = await admit(call, { ref, operation: 'history', versions: 'current' })
    return loaded && historyOf(loaded.record)
  })
}

/** Which of the secrets asked for cannot be used, and why. Never a value. */
export interface RequireReport {
  /** True when every secret can be used. */
  readonly ok: boolean
  /** Absent, or not the principal's to know of. */
  readonly missing: readonly string[]
  readonly expired: readonly string[]
  readonly inactive: readonly string[]
  /** Known, but refused by a rule or the authorize hook. */
  readonly forbidden: readonly string[]
  /** Not names of secrets. */
  readonly malformed: readonly string[]
  /** Stored, but altered or older than seen before. */
  readonly untrusted: readonly string[]
}

type Finding = 'usable' | Exclude<keyof RequireReport, 'ok'>

/** Checks that every name can be used, in one report. */
export function requireSecrets(
  caller: Caller,
  request: { readonly scope: Scope; readonly names: readonly string[]; readonly signal: AbortSignal | undefined },
): Promise<RequireReport> {
  const { scope, names, signal } = request
  return audited(caller, { operation: 'require', action: 'secret.listed', ref: scope, signal }, async (call) => {
    const findings = new Map<string, Finding>()
    for (const name of names) findings.set(name, await findingOf(call, scope, name))
    call.facts.count = names.length
    const which = (finding: Finding): readonly string[] => names.filter((name) => findings.get(name) === finding)
    return Object.freeze({
      ok: which('usable').length === names.length,
      missing: which('missing'),
      expired: which('expired'),
      inactive: which('inactive'),
      forbidden: which('forbidden'),
      malformed: which('malformed'),
      untrusted: which('untrusted'),
    })
  })
}

async function findingOf(call: Call, scope: Scope, name: string): Promise<Finding> {
  try {
    const ref = { ...scope, name: parseSecretName(name) }
    const one: Call = { ...call, ref, facts: {} }
    const loaded = await admit(one, { ref, operation: 'require', versions: 'current' })
    if (loaded === undefined) return 'missing'
    const { state } = infoOf(loaded.record, call.runtime.config.clock.now())
    return state === 'active' ? 'usable' : state === 'deleted' ? 'missing' : state
  } catch (error) {
    if (isVaultError(error, 'VAULT_REF_INVALID')) return 'malformed'
    if (isVaultError(error, 'VAULT_ACCESS_DENIED')) return 'forbidden'
    if (isTampered(error)) return 'untrusted'
    throw error
  }
}
