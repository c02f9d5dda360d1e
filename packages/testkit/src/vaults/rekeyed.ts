// Asks a store whether everything of a scope is sealed under its active data key.
import type { StoredDataKey, VaultStore } from '@mcpvault/core'
import { expect } from 'vitest'

/** Fails unless the scope has secrets, and each record and each of its versions is sealed under the active data key. */
export async function expectRekeyed(
  store: VaultStore,
  scope: { readonly owner: string; readonly server: string },
): Promise<StoredDataKey> {
  const active = await store.dataKeys.active({ kind: 'values', ...scope })
  if (active === undefined) throw new Error('There is no active data key.')
  const listed = await store.secrets.list({ ...scope, limit: 1_000 })
  expect(listed.length).toBeGreaterThan(0)
  for (const { ref } of listed) {
    const record = await store.secrets.find(ref, 'all')
    // An envelope names its data key in bytes 8 to 24.
    const ids = record?.versions.map(({ envelope }) => Buffer.from(envelope ?? []).toString('hex', 8, 24)) ?? []
    expect(new Set([record?.dekId, ...ids]), ref.name).toEqual(new Set([active.id]))
  }
  return active
}
