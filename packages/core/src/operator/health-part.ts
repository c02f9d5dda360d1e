// What health says of one part of a vault: that it works, or a code with what to do about it.
import { isVaultError, type VaultErrorCode } from '../errors/index.ts'

/** Whether one part of a vault works. */
export type HealthPart =
  | { readonly ok: true }
  | {
      readonly ok: false
      readonly code: VaultErrorCode
      /** What to do about it, in fixed words. */
      readonly remedy: string
    }

export const ok: HealthPart = Object.freeze({ ok: true })

/** What became of looking at a part. An error without a code gets `otherwise`. */
export function partOf(
  tried: { readonly value: unknown } | { readonly error: unknown },
  otherwise: VaultErrorCode,
): HealthPart {
  if ('value' in tried) return ok
  const code = isVaultError(tried.error) ? tried.error.code : otherwise
  return Object.freeze({ ok: false, code, remedy: remedies[code] ?? 'Look up the code in the guide to operations.' })
}

const remedies: Partial<Record<VaultErrorCode, string>> = {
  VAULT_CONFIG_INVALID: 'Correct the options of the key provider and the store.',
  VAULT_KEY_UNKNOWN: 'Give the key provider the master key that wraps the data keys. It is not among its keys.',
  VAULT_KEY_MISMATCH:
    'Give the key provider the master key that the vault knows under this key id. It has another one.',
  VAULT_KEY_DENIED:
    'Let this process use the key: check the permissions in the key service, and that the key is enabled.',
  VAULT_KEY_UNAVAILABLE:
    'Check that this process can connect to the key service, and that it answers within limits.keysMs.',
  VAULT_OPEN_FAILED: 'A data key was altered. Run rewrap({ verify: true }), or restore the data key from a backup.',
  VAULT_ENVELOPE_INVALID:
    'A data key was altered. Run rewrap({ verify: true }), or restore the data key from a backup.',
  VAULT_STORE_NOT_READY: 'Call migrate() on the store.',
  VAULT_STORE_FAILED: 'Check that this process can connect to the database, and that it answers within limits.storeMs.',
  VAULT_AUDIT_FAILED: 'Check that the store and the audit sinks accept rows. audit.onAlarm is given the reason.',
}
