// Unknown options are refused: a misspelt expiry must not become a secret that never expires.
import { VaultError, type VaultErrorCode } from '../../errors/index.ts'

/** Throws when `given` has a key that is not `known`. */
export function refuseUnknown(
  given: Readonly<Record<string, unknown>>,
  known: readonly string[],
  field: string,
  code: VaultErrorCode = 'VAULT_VALUE_INVALID',
): void {
  for (const key of Object.keys(given)) {
    if (known.includes(key)) continue
    // A key that does not look like an option's name may be a misplaced value, so it is not repeated.
    const named = /^[A-Za-z]{1,32}$/.test(key) ? `${field}.${key}` : field
    const detail = named === field ? 'must have only known options.' : 'is not a known option.'
    throw new VaultError(code, { detail, field: named })
  }
}
