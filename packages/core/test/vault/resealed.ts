// A record as the vault would write it, for states that no verb makes yet.
import { createSecretKey } from 'node:crypto'
import type { KeyProvider, StoredSecret, VaultStore } from '../../src/contracts/index.ts'
import { sealRecord } from '../../src/envelope/index.ts'

/** The record under a seal of its own data key. */
export async function resealed(
  { store, keys }: { readonly store: VaultStore; readonly keys: KeyProvider },
  record: StoredSecret,
): Promise<StoredSecret> {
  const { owner, server } = record.ref
  const row = await store.dataKeys.find(record.dekId, { kind: 'values', owner, server })
  const vaultId = await store.meta.read('vault-id')
  const [wrap] = row?.wraps ?? []
  if (wrap === undefined || vaultId === undefined) throw new Error('The data key is not there.')
  const dek = createSecretKey(await keys.unwrap(wrap, { kind: 'values', owner, server, vaultId }, {}))
  return { ...record, mac: sealRecord({ dek, vaultId, record }) }
}
