// Counts which keys are in use, from the wraps themselves, and proves that a key is unused before it may be deleted.

import { sameBytes } from '../bytes/index.ts'
import { VaultError } from '../errors/index.ts'
import { type DataKeys, keyNames, readableKeyIds } from '../keys/index.ts'
import type { Call, Done, Outcome } from '../vault/operation.ts'
import { dataKeyPages } from './pages.ts'
import type { ParsedWork } from './work.ts'

/** How many data keys each key id wraps. A data key with several wraps counts under each. */
export interface KeyCensus {
  readonly dataKeys: number
  readonly byKeyId: ReadonlyMap<string, number>
  /** Data keys with a wrap that is not well formed, or without any; they count under no key id. */
  readonly unreadable: number
  /** The key ids that new wraps are made under. */
  readonly currentKeyIds: ReadonlySet<string>
}

/** Counts every data key. */
export async function takeCensus(call: Call, { onProgress }: Pick<ParsedWork, 'onProgress'>): Promise<Done<KeyCensus>> {
  const byKeyId = new Map<string, number>()
  let dataKeys = 0
  let unreadable = 0
  for await (const rows of dataKeyPages(call, {})) {
    for (const row of rows) {
      const keyIds = readableKeyIds(row.wraps)
      if (keyIds === undefined) unreadable++
      for (const keyId of keyIds ?? []) byKeyId.set(keyId, (byKeyId.get(keyId) ?? 0) + 1)
    }
    dataKeys += rows.length
    onProgress?.({ done: dataKeys })
  }
  const currentKeyIds = await call.runtime.keys.wrapping.currentKeyIds()
  return { result: { dataKeys, byKeyId, unreadable, currentKeyIds }, event: { count: dataKeys } }
}

/**
 * Fails unless the key id is known, every data key is readable, none is wrapped under `keyId` or under the same key by
 * another id, and new ones will not be.
 */
export async function refuseUnlessRetirable(call: Call, keyId: string): Promise<Outcome<void>> {
  const { result } = await takeCensus(call, { onProgress: undefined })
  const { dataKeys, byKeyId, unreadable, currentKeyIds } = result
  const facts = { count: dataKeys, keyId }
  const { fingerprints } = call.runtime.keys
  const nameOf = keyNames(call.runtime.config.keys)
  const inUse = new Set([...byKeyId.keys(), ...currentKeyIds])
  const isNamed = [...inUse].some((other) => nameOf(other) === nameOf(keyId))
  const own = await fingerprints.fingerprintOf(keyId)
  if (own === undefined && !isNamed) return { failure: unknownKeyId(keyId), event: facts }
  const isNeeded = isNamed || (await isOneOf(fingerprints, own, inUse))
  if (!isNeeded && unreadable === 0) return { result: undefined, event: facts }
  const detail = 'The key still wraps data keys, or new ones would be. Make another key current and rewrap first.'
  return { failure: new VaultError('VAULT_CONFLICT', { detail, keyId, retryable: false }), event: facts }
}

/** Whether a key of these ids is the same as the one of this fingerprint. */
async function isOneOf(
  fingerprints: DataKeys['fingerprints'],
  own: Uint8Array | undefined,
  keyIds: ReadonlySet<string>,
): Promise<boolean> {
  if (own === undefined || own.length === 0) return false
  for (const keyId of keyIds) {
    const other = await fingerprints.fingerprintOf(keyId)
    if (other !== undefined && sameBytes(other, own)) return true
  }
  return false
}

function unknownKeyId(keyId: string): VaultError {
  const detail = 'must be a key id that the key provider or the vault knows. Check its spelling.'
  return new VaultError('VAULT_VALUE_INVALID', { field: 'keyId', keyId, detail })
}
