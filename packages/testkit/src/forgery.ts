// Changes of stored records, by someone who can write to the database but has no key.
import type { SecretRef, StoredSecret, VaultStore } from '@mcpvault/core'

export const tokenRef: SecretRef = { owner: 'alice', server: 'github', name: 'token' }

/** A stored record with every envelope. Throws when there is none. */
export async function storedAt(store: VaultStore, ref: SecretRef = tokenRef): Promise<StoredSecret> {
  const record = await store.secrets.find(ref, 'all')
  if (record === undefined) throw new Error('The record is not there.')
  return record
}

/** Writes a record as it is, in the place of whatever stands at its ref. */
export async function overwrite(store: VaultStore, record: StoredSecret): Promise<void> {
  const before = await store.secrets.find(record.ref, 'current')
  if (before !== undefined) await store.secrets.remove(record.ref, { ifRevision: before.revision })
  const written = await store.secrets.put(record, { ifRevision: 0 })
  if (!written) throw new Error('The forged record was not written.')
}

/** The same bytes but for one bit. */
export function flipped(bytes: Uint8Array, bit = 0): Uint8Array {
  const copy = Uint8Array.from(bytes)
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7))
  return copy
}
