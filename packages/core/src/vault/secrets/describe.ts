// Looking at a secret without its value: describe, history and require.
import type { Scope, SecretInfo, SecretRef, VersionInfo } from '../../contracts/index.ts'
import { isVaultError } from '../../errors/index.ts'
import { audited, type Call, type Caller } from '../operation.ts'
import { parseSecretName } from '../parse/names.ts'
import { admit, withSecret } from '../record/admit.ts'
import { infoFor } from '../record/canary.ts'
import { historyOf, infoOf } from '../record/describe.ts'
import { mayUseVersion } from '../record/history.ts'
import { isTampered } from '../record/load.ts'

interface LookRequest {
  readonly ref: SecretRef
  readonly signal: AbortSignal | undefined
}

/** A secret's description; undefined when it is absent. */
export function describeSecret(caller: Caller, { ref, signal }: LookRequest): Promise<SecretInfo | undefined> {
  return audited<SecretInfo | undefined>(
    caller,
    { operation: 'describe', action: 'secret.listed', ref, signal },
    (call) =>
      withSecret(call, { ref, operation: 'describe', absent: undefined }, async (secret) => ({
        result: infoFor(secret, call.runtime.config.clock.now()),
        event: secret.facts,
      })),
  )
}

/** A secret's kept versions, newest first; undefined when it is absent. */
export function secretHistory(
  caller: Caller,
  { ref, signal }: LookRequest,
): Promise<readonly VersionInfo[] | undefined> {
  return audited<readonly VersionInfo[] | undefined>(
    caller,
    { operation: 'history', action: 'secret.listed', ref, signal },
    (call) =>
      withSecret(call, { ref, operation: 'history', absent: undefined }, async ({ record, facts }) => ({
        result: historyOf(record).filter(({ version }) => mayUseVersion(call, record, version)),
        event: facts,
      })),
  )
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
    const which = (finding: Finding): readonly string[] => names.filter((name) => findings.get(name) === finding)
    const result = Object.freeze({
      ok: which('usable').length === names.length,
      missing: which('missing'),
      expired: which('expired'),
      inactive: which('inactive'),
      forbidden: which('forbidden'),
      malformed: which('malformed'),
      untrusted: which('untrusted'),
    })
    return { result, event: { count: names.length } }
  })
}

async function findingOf(call: Call, scope: Scope, name: string): Promise<Finding> {
  if (!isSecretName(name)) return 'malformed'
  const admission = await admit(call, { ref: { ...scope, name }, operation: 'require' })
  switch (admission.kind) {
    case 'granted': {
      const { state } = infoOf(admission.record, call.runtime.config.clock.now())
      return state === 'active' ? 'usable' : state === 'deleted' ? 'missing' : state
    }
    case 'absent':
    case 'hidden':
      return 'missing'
    case 'denied':
      return 'forbidden'
    case 'untrusted':
      if (!admission.known) return 'missing'
      if (isTampered(admission.error)) return 'untrusted'
      throw admission.error
  }
}

function isSecretName(name: string): boolean {
  try {
    parseSecretName(name)
    return true
  } catch (error) {
    if (isVaultError(error, 'VAULT_REF_INVALID')) return false
    throw error
  }
}
