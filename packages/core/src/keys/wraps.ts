// The wraps of a row: how many there may be, what they say of themselves, and what came of opening them.
import type { KeyObject } from 'node:crypto'
import { sameBytes } from '../bytes/index.ts'
import { type ParsedWrappedKey, parseWrappedKey } from '../envelope/index.ts'
import { isVaultError, VaultError } from '../errors/index.ts'

/** One row has at most so many wraps, and at least one. */
export const maxWraps = 8

/** What a provider gave for a data key. Throws `VAULT_CONFIG_INVALID` when it is too few or too many. */
export function checkedWraps(wraps: readonly Uint8Array[]): readonly Uint8Array[] {
  if (wraps.length === 0 || wraps.length > maxWraps) {
    throw new VaultError('VAULT_CONFIG_INVALID', { field: 'keys', detail: 'must give 1 to 8 wraps of a data key.' })
  }
  return wraps
}

/**
 * The key ids that wraps name themselves. Throws `VAULT_ENVELOPE_INVALID` or `VAULT_ENVELOPE_UNSUPPORTED`.
 *
 * @example
 * wrapKeyIds(row.wraps) // ['main#2', 'recovery#1']
 */
export function wrapKeyIds(wraps: readonly Uint8Array[]): readonly string[] {
  return [...new Set(wraps.map((wrap) => parseWrappedKey(wrap).keyId))]
}

/**
 * The same; undefined when a wrap is not well formed, and when there is none: a row whose wraps the store could not read
 * has none, and may have had one under any key.
 */
export function readableKeyIds(wraps: readonly Uint8Array[]): readonly string[] | undefined {
  if (wraps.length === 0) return undefined
  try {
    return wrapKeyIds(wraps)
  } catch (error) {
    if (isVaultError(error)) return undefined
    throw error
  }
}

/** A wrap and what it says of itself. */
export interface RowWrap {
  readonly bytes: Uint8Array
  readonly parsed: ParsedWrappedKey
}

/** A wrap that the provider opened. */
export interface OpenedWrap extends RowWrap {
  readonly state: 'opened'
  readonly key: KeyObject
}

/** A wrap that was tried: what came of it. */
export type TriedWrap =
  | OpenedWrap
  | (RowWrap & {
      /** The provider does not hold the key, may not use it, or the wrap is not what was written. */
      readonly state: 'unknown' | 'denied' | 'damaged'
      readonly error: unknown
    })

export function isOpened(wrap: TriedWrap): wrap is OpenedWrap {
  return wrap.state === 'opened'
}

/** The wraps of a row. Throws `VAULT_ENVELOPE_INVALID` or `VAULT_ENVELOPE_UNSUPPORTED` when one is not well formed. */
export function parseWraps(wraps: readonly Uint8Array[]): readonly RowWrap[] {
  if (wraps.length === 0 || wraps.length > maxWraps) throw new VaultError('VAULT_ENVELOPE_INVALID')
  return wraps.map(rowWrap)
}

/** A wrap with what it says of itself. Throws `VAULT_ENVELOPE_INVALID` or `VAULT_ENVELOPE_UNSUPPORTED`. */
export function rowWrap(bytes: Uint8Array): RowWrap {
  return { bytes, parsed: parseWrappedKey(bytes) }
}

/** Whether two wraps say that they hold one data key. What they say is proven only when they open. */
export function saySameKey({ parsed: a }: RowWrap, { parsed: b }: RowWrap): boolean {
  return a.dekId === b.dekId && sameBytes(a.keyCheckValue, b.keyCheckValue)
}

/** Whether two rows have the same wraps in the same order. */
export function sameWraps(a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean {
  return a.length === b.length && a.every((bytes, index) => sameBytes(bytes, b[index] ?? new Uint8Array()))
}
