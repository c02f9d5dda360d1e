// Vaults under several key providers, and what the tests of rewrap ask of their rows.
import { operatorPrincipal, testVault } from '@mcpvault/testkit/vaults'
import { expect } from 'vitest'
import type { KeyProvider, StoredDataKey, VaultStore } from '../../src/contracts/index.ts'
import { parseWrappedKey } from '../../src/envelope/index.ts'
import { VaultError } from '../../src/errors/index.ts'
import { generateKey, keyRing, multiProvider } from '../../src/providers/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'

const keys = { 'main#1': generateKey(), 'main#2': generateKey() }
const recoveryKeys = { 'recovery#1': generateKey(), 'recovery#2': generateKey() }
export const main = keyRing({ current: 'main#1', keys: { 'main#1': keys['main#1'] } })
export const rotated = keyRing({ current: 'main#2', keys })
export const recovery = keyRing({ current: 'recovery#1', keys: { 'recovery#1': recoveryKeys['recovery#1'] } })
export const newRecovery = keyRing({ current: 'recovery#2', keys: { 'recovery#2': recoveryKeys['recovery#2'] } })
export const rotatedRecovery = keyRing({ current: 'recovery#2', keys: recoveryKeys })
export const both = multiProvider({ primary: main, recovery: [recovery] })

/** A provider that wraps and cannot open, as one that holds the public half of a recovery key. */
export function wrapOnly(provider: KeyProvider): KeyProvider {
  return {
    ...provider,
    unwrap(wrap) {
      throw new VaultError('VAULT_KEY_UNKNOWN', { keyId: parseWrappedKey(wrap).keyId })
    },
  }
}

/** Two owners with a secret each, and the root of the audit trail: three data keys. */
export async function vaultUnder(provider: KeyProvider): Promise<VaultStore> {
  const store = memoryStore()
  const { scope, vault } = testVault({ store, keys: provider })
  for (const owner of ['alice', 'bob']) await scope(owner).set('token', `of ${owner}`)
  await vault.close()
  return store
}

export const operatorOf = (store: VaultStore, provider: KeyProvider) =>
  testVault({ store, keys: provider }).vault.operator(operatorPrincipal)

export async function rowsOf(store: VaultStore): Promise<readonly StoredDataKey[]> {
  return await store.dataKeys.list({ limit: 10 })
}

export async function aliceOf(store: VaultStore): Promise<StoredDataKey> {
  const row = await store.dataKeys.active({ kind: 'values', owner: 'alice', server: 'github' })
  if (row === undefined) throw new Error('The row is not there.')
  return row
}

export const idsOf = ({ wraps }: StoredDataKey): readonly string[] => wraps.map((wrap) => parseWrappedKey(wrap).keyId)

/** The key ids of every row, each of which must be the same. */
export async function idsOfAll(store: VaultStore): Promise<readonly string[]> {
  const [first = [], ...others] = (await rowsOf(store)).map(idsOf)
  for (const ids of others) expect(ids).toEqual(first)
  return first
}

export async function opensWith(store: VaultStore, provider: KeyProvider): Promise<void> {
  const { scope, vault } = testVault({ store, keys: provider })
  for (const owner of ['alice', 'bob']) expect((await scope(owner).get('token'))?.reveal()).toBe(`of ${owner}`)
  expect(await vault.operator(operatorPrincipal).verifyAudit()).toMatchObject({ ok: true })
  await vault.close()
}

export async function change(
  store: VaultStore,
  wraps: (row: StoredDataKey) => readonly Uint8Array[],
): Promise<StoredDataKey> {
  const row = await aliceOf(store)
  const changed = { ...row, wraps: wraps(row), revision: row.revision + 1 }
  expect(await store.dataKeys.replace(changed, { ifRevision: row.revision })).toBe(true)
  return changed
}

export const lastBitFlipped = (wrap: Uint8Array): Uint8Array => wrap.with(-1, (wrap.at(-1) ?? 0) ^ 1)
export const nothing = { rewrapped: 0, alreadyDone: 0, quarantined: [], foreign: new Map() }
