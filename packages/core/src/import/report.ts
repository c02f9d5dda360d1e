// What an import has done, by name and without values.
import { isVaultError, type VaultError, type VaultErrorCode } from '../errors/index.ts'

/** A secret that was not imported. */
export interface RefusedSecret {
  /** As the source names it, at most 256 characters of it. */
  readonly name: string
  readonly code: VaultErrorCode
  /** What was wrong: `name`, `value` or `description`. */
  readonly field?: string
  /** What it must be, as in `must have no "/", "*" or "@".` */
  readonly detail?: string
}

/** Names in the vault, in the order of the source. In a dry run, what would have become of them. */
export interface ImportReport {
  readonly created: readonly string[]
  /** They were there already: with this value, or with `ifPresent: 'keep'` with any. */
  readonly kept: readonly string[]
  /** They have a new version. */
  readonly updated: readonly string[]
  readonly refused: readonly RefusedSecret[]
}

/** How many have been done so far. */
export interface ImportProgress {
  readonly created: number
  readonly kept: number
  readonly updated: number
  readonly refused: number
}

/** What became of one entry. */
export type ImportOutcome =
  | { readonly kind: 'created' | 'kept' | 'updated'; readonly name: string }
  | { readonly kind: 'refused'; readonly refused: RefusedSecret }

const maxShown = 256

/** The outcome of an entry that is not imported. */
export function refusalOf(name: string, { code, field, detail }: Omit<RefusedSecret, 'name'>): ImportOutcome {
  const refused = {
    name: name.slice(0, maxShown),
    code,
    ...(field === undefined ? {} : { field }),
    ...(detail === undefined ? {} : { detail }),
  }
  return { kind: 'refused', refused: Object.freeze(refused) }
}

/**
 * The codes of one secret. Any other failure, such as a store or a key service that is away, is one of the whole import
 * and ends it.
 */
const ofOneSecret: readonly VaultErrorCode[] = [
  'VAULT_REF_INVALID',
  'VAULT_VALUE_INVALID',
  'VAULT_ACCESS_DENIED',
  'VAULT_CONFLICT',
  'VAULT_EXPIRED',
  'VAULT_INACTIVE',
  'VAULT_OPEN_FAILED',
  'VAULT_ENVELOPE_INVALID',
  'VAULT_ENVELOPE_UNSUPPORTED',
  'VAULT_ROLLBACK_SUSPECTED',
]

export function isOfOneSecret(error: unknown): error is VaultError {
  return isVaultError(error) && ofOneSecret.includes(error.code)
}
