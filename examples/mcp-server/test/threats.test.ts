// The threat model, acted out: what a database writer, a thief and a lost key can do, and what they cannot.
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  generateKey,
  keyFromEnv,
  keyFromFile,
  keyRing,
  multiProvider,
  type StoredSecret,
  type VaultStore,
} from '@mcpvault/core'
import { describe, expect, it } from 'vitest'
import { openVault } from '../src/open-vault.mjs'
import { vaultFolder } from './support/vault-folder.ts'

const alicesIssues = { owner: 'alice', server: 'issues' }
const aliceToken = { ...alicesIssues, name: 'token' }
const bobToken = { ...aliceToken, owner: 'bob' }

describe('someone who writes the database', () => {
  it('cannot give a permission: the record is believed by nobody', async () => {
    const { store, vault } = await vaultFolder()
    const record = await stored(store)
    const grant = { principal: 'bob', permission: 'read', grantedBy: 'alice', grantedAt: new Date() } as const
    await overwrite(store, { ...record, grants: [grant] })
    for (const id of ['alice', 'bob']) {
      const read = vault.as({ id }).scope(alicesIssues).get('token')
      await expect(read).rejects.toMatchObject({ code: 'VAULT_OPEN_FAILED' })
    }
    expect(await vault.as({ id: 'carol' }).scope(alicesIssues).get('token')).toBeUndefined()
  })

  it.each([
    ['state', { state: 'inactive' }],
    ['type', { type: 'jwt_secret' }],
    ['tier', { tier: 3 }],
    ['tags', { tags: ['public'] }],
    ['description', { description: 'changed' }],
    ['expiry', { expiresAt: new Date(4e12) }],
    ['revision', { revision: 9 }],
  ] as const)('cannot change the %s of a secret', async (_what, change) => {
    const { store, vault } = await vaultFolder()
    await overwrite(store, { ...(await stored(store)), ...change })
    const { items } = await vault.as({ id: 'alice' }).scope(alicesIssues).list({ state: 'any' })
    expect(items).toEqual([{ ...aliceToken, state: 'untrusted' }])
  })

  it("cannot make a value another user's by moving the record or the value", async () => {
    const { store, vault } = await vaultFolder()
    const [alices, bobs] = [await stored(store), await stored(store, bobToken)]
    const bob = vault.as({ id: 'bob' }).scope({ server: 'issues' })
    await overwrite(store, { ...alices, ref: bobToken, revision: bobs.revision })
    await expect(bob.get('token')).rejects.toMatchObject({ code: expect.stringMatching(/KEY_UNKNOWN|OPEN_FAILED/) })
    await overwrite(store, { ...bobs, versions: alices.versions })
    await expect(bob.get('token')).rejects.toMatchObject({ code: 'VAULT_OPEN_FAILED' })
  })

  it('can put back an older genuine record: found by a process that saw a newer one, and by minVersion', async () => {
    const { store, vault, databasePath, keyPath } = await vaultFolder()
    const older = await stored(store)
    const alice = vault.as({ id: 'alice' }).scope(alicesIssues)
    await alice.set('token', 'the newer value')
    await overwrite(store, older)
    await expect(alice.get('token')).rejects.toMatchObject({ code: 'VAULT_ROLLBACK_SUSPECTED' })

    const later = openVault({ databasePath, keys: keyFromFile(keyPath) })
    const again = later.vault.as({ id: 'alice' }).scope(alicesIssues)
    await expect(again.get('token', { minVersion: 2 })).rejects.toMatchObject({ code: 'VAULT_ROLLBACK_SUSPECTED' })
    expect((await again.get('token'))?.version).toBe(1)
    await later.close()
  })

  it('can delete a secret: it is absent, and the trail still has its life', async () => {
    const { store, vault, operator } = await vaultFolder()
    const { revision } = await stored(store)
    await store.secrets.remove(aliceToken, { ifRevision: revision })
    expect(await vault.as({ id: 'alice' }).scope(alicesIssues).get('token')).toBeUndefined()
    const { items } = await vault.as(operator).auditLog({ owner: 'alice', name: 'token' })
    expect(items.map(({ event }) => `${event.action} ${event.outcome}`)).toEqual([
      'secret.accessed missing',
      'secret.created allowed',
    ])
  })
})

describe('keys', () => {
  it('a thief with the database and another key opens nothing', async () => {
    const { databasePath } = await vaultFolder()
    const thief = openVault({
      databasePath,
      keys: keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } }),
    })
    await expect(thief.vault.as({ id: 'alice' }).scope(alicesIssues).get('token')).rejects.toMatchObject({
      code: 'VAULT_KEY_UNKNOWN',
    })
    await thief.close()
  })

  it.each([
    ['a known default', () => keyFromEnv({ env: { MCPVAULT_KEY: 'secret' } })],
    ['zeros', () => keyRing({ current: 'main#1', keys: { 'main#1': new Uint8Array(32) } })],
    ['a typed text', () => keyFromEnv({ env: { MCPVAULT_KEY: Buffer.from('a'.repeat(32)).toString('base64url') } })],
  ])('a key that could be guessed is refused: %s', (_what, make) => {
    expect(make).toThrow(expect.objectContaining({ code: 'VAULT_CONFIG_INVALID' }))
  })

  it('a lost key loses everything, unless there was a recovery key', async () => {
    const { folder } = await vaultFolder()
    const daily = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })
    const offline = keyRing({ current: 'recovery#1', keys: { 'recovery#1': generateKey() } })
    const databasePath = join(folder, 'recovery.db')
    const both = openVault({ databasePath, keys: multiProvider({ primary: daily, recovery: [offline] }) })
    await both.store.migrate()
    await both.vault.as({ id: 'alice' }).scope(alicesIssues).set('token', 'kept')
    await both.close()
    const recovered = openVault({ databasePath, keys: offline })
    expect((await recovered.vault.as({ id: 'alice' }).scope(alicesIssues).get('token'))?.reveal()).toBe('kept')
    await recovered.close()
  })

  it('a rewrap does not help against a thief with an old copy and the old key', async () => {
    const { folder } = await vaultFolder()
    const [old, current] = [generateKey(), generateKey()]
    const [databasePath, stolenPath] = [join(folder, 'rewrapped.db'), join(folder, 'stolen.db')]
    const before = openVault({ databasePath, keys: keyRing({ current: 'main#1', keys: { 'main#1': old } }) })
    await before.store.migrate()
    await before.vault.as({ id: 'alice' }).scope(alicesIssues).set('token', 'stolen')
    await before.close()
    copyFileSync(databasePath, stolenPath)
    const keys = keyRing({ current: 'main#2', keys: { 'main#1': old, 'main#2': current } })
    const after = openVault({ databasePath, keys })
    await after.vault.operator(after.operator).rewrap()
    await after.close()

    const readWith = async (path: string): Promise<string | undefined> => {
      const thief = openVault({ databasePath: path, keys: keyRing({ current: 'main#1', keys: { 'main#1': old } }) })
      try {
        return (await thief.vault.as({ id: 'alice' }).scope(alicesIssues).get('token'))?.reveal()
      } finally {
        await thief.close()
      }
    }
    expect(await readWith(stolenPath)).toBe('stolen')
    await expect(readWith(databasePath)).rejects.toMatchObject({ code: 'VAULT_KEY_UNKNOWN' })
  })
})

async function stored(store: VaultStore, ref = aliceToken): Promise<StoredSecret> {
  const record = await store.secrets.find(ref, 'all')
  if (record === undefined) throw new Error('There is no such record.')
  return record
}

/** Puts a record in place of the one stored, past the vault. */
async function overwrite(store: VaultStore, record: StoredSecret): Promise<void> {
  const { revision } = await stored(store, record.ref)
  expect(await store.secrets.put(record, { ifRevision: revision })).toBe(true)
}
