// dropDataKey: a lost data key goes with what it sealed, and its owner can store secrets there again.
import { codeOf, operatorPrincipal, testVault } from '@mcpvault/testkit/vaults'
import { describe, expect, it } from 'vitest'
import type { KeyProvider, VaultStore } from '../../src/contracts/index.ts'
import { recoveryDrill } from '../../src/drill/recovery-drill.ts'
import {
  generateKey,
  keyRing,
  multiProvider,
  recoveryKey,
  recoveryOpener,
  recoveryRecipient,
} from '../../src/providers/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { failingProvider, interceptStore } from '../../src/testing/index.ts'

const alices = { owner: 'alice', server: 'github' }
const aliceRow = { kind: 'values', ...alices } as const
const main = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })
const old = multiProvider({
  primary: keyRing({ current: 'old#1', keys: { 'old#1': generateKey() } }),
  recovery: [keyRing({ current: 'old#2', keys: { 'old#2': generateKey() } })],
})

/** The audit root and bob's data key are under `main#1`; alice's is under keys that are lost since. */
async function withLostKey(secrets = 3): Promise<VaultStore> {
  const store = memoryStore()
  const before = testVault({ store, keys: main })
  await before.scope('bob').set('token', 'of bob')
  await before.vault.close()
  // Opens as `main`, and wraps under the keys that will be lost.
  const keys = { ...main, currentKeyIds: () => old.currentKeyIds(), wrap: old.wrap, unwrap: unwrapEither }
  const losing = testVault({ store, keys })
  for (let index = 0; index < secrets; index++) await losing.scope('alice').set(`token ${index}`, 'of alice')
  await losing.scope('alice').share('token 0', { with: 'bob', permission: 'read' })
  await losing.vault.close()
  return store
}

const unwrapEither: KeyProvider['unwrap'] = async (record, scope) => {
  try {
    return await main.unwrap(record, scope)
  } catch {
    return old.unwrap(record, scope)
  }
}

const recordsOf = async (store: VaultStore) => await store.secrets.list({ owner: 'alice', limit: 100 })

describe('a lost data key', () => {
  it('is dropped with its secrets, and the owner stores secrets there again', async () => {
    const store = await withLostKey()
    const { vault, scope } = testVault({ store, keys: main })
    const operator = vault.operator(operatorPrincipal)
    const { quarantined } = await operator.rewrap()
    const lost = { code: 'VAULT_KEY_UNKNOWN', ...alices }
    expect(quarantined).toEqual([expect.objectContaining(lost)])
    expect(await codeOf(scope('alice').set('token 0', 'again'))).toBe('VAULT_KEY_UNKNOWN')
    const progress: number[] = []
    const onProgress = ({ done }: { readonly done: number }): void => void progress.push(done)
    expect(await operator.dropDataKey(alices, { onProgress })).toEqual({ dataKeys: 1, secrets: 3 })
    expect(progress).toEqual([1, 2, 3, 4])
    await scope('alice').set('token 0', 'again')
    expect((await scope('alice').get('token 0'))?.reveal()).toBe('again')
    expect(await scope('alice', { id: 'bob' }).get('token 0')).toBeUndefined()
    expect((await scope('bob').get('token'))?.reveal()).toBe('of bob')
    expect((await operator.rewrap()).quarantined).toEqual([])
    await vault.close()
    const later = testVault({ store, keys: main })
    expect((await later.scope('alice').get('token 0'))?.reveal()).toBe('again')
  })

  it('is recorded: the key, and each secret', async () => {
    const store = await withLostKey()
    const { vault } = testVault({ store, keys: main })
    const operator = vault.operator(operatorPrincipal)
    await operator.dropDataKey(alices)
    const trail = vault.as({ id: 'a', roles: ['auditor'] })
    const [event] = (await trail.auditLog({ actions: ['key.dropped'] })).items
    expect(event?.event).toMatchObject({ ...alices, count: 3, keyId: 'old#1,old#2', principal: operatorPrincipal.id })
    const { items } = await trail.auditLog({ actions: ['secret.destroyed'] })
    expect(items.map(({ event: { name, operation } }) => [name, operation]).sort()).toEqual(
      [0, 1, 2].map((index) => [`token ${index}`, 'dropDataKey']),
    )
    expect(await operator.verifyAudit()).toMatchObject({ ok: true })
  })

  it('is dropped with audit off too, and when it is damaged', async () => {
    const store = memoryStore()
    const { vault, scope } = testVault({ store, keys: main, audit: { mode: 'dangerously-off' } })
    await scope('alice').set('token', 'x')
    const row = await store.dataKeys.active(aliceRow)
    if (row === undefined) throw new Error('the row is not there')
    await store.dataKeys.replace({ ...row, wraps: [new Uint8Array(8)], revision: 2 }, { ifRevision: 1 })
    const later = testVault({ store, keys: main, audit: { mode: 'dangerously-off' } })
    const dropped = await later.vault.operator(operatorPrincipal).dropDataKey(alices)
    expect(dropped).toEqual({ dataKeys: 1, secrets: 1 })
    await later.scope('alice').set('token', 'again')
    await vault.close()
  })

  it('leaves the other servers of its owner alone', async () => {
    const store = await withLostKey()
    const { vault } = testVault({ store, keys: main })
    const other = vault.as({ id: 'alice' }).scope({ server: 'figma' })
    await other.set('token', 'of figma')
    await vault.operator(operatorPrincipal).dropDataKey(alices)
    expect((await other.get('token'))?.reveal()).toBe('of figma')
  })
})

describe('a data key that is not lost', () => {
  it('is kept, unless one asks for it by name', async () => {
    const { vault, scope, store } = testVault({ keys: main })
    await scope('alice').set('token', 'x')
    const operator = vault.operator(operatorPrincipal)
    await expect(operator.dropDataKey(alices)).rejects.toMatchObject({ code: 'VAULT_CONFLICT', retryable: false })
    expect((await scope('alice').get('token'))?.reveal()).toBe('x')
    expect(await operator.dropDataKey(alices, { evenIfItOpens: true })).toEqual({ dataKeys: 1, secrets: 1 })
    expect(await store.dataKeys.active(aliceRow)).toBeUndefined()
    expect(await scope('alice').get('token')).toBeUndefined()
    await scope('alice').set('token', 'again')
    expect((await scope('alice').get('token'))?.reveal()).toBe('again')
  })

  it.each([
    ['does not answer', 'VAULT_KEY_UNAVAILABLE', 'VAULT_KEY_UNAVAILABLE'],
    ['refuses it', 'VAULT_KEY_DENIED', 'VAULT_CONFLICT'],
  ] as const)('is kept while its key service %s', async (_, fault, code) => {
    const store = memoryStore()
    const keys = failingProvider(main)
    const { vault, scope } = testVault({ store, keys })
    await scope('alice').set('token', 'x')
    keys.failWith(fault)
    expect(await codeOf(vault.operator(operatorPrincipal).dropDataKey(alices))).toBe(code)
    keys.failWith(undefined)
    expect((await scope('alice').get('token'))?.reveal()).toBe('x')
  })

  it('is kept while a recovery key may open it', async () => {
    const store = memoryStore()
    const { publicKey, privateKey } = recoveryKey()
    const lost = keyRing({ current: 'lost#1', keys: { 'lost#1': generateKey() } })
    const before = testVault({
      store,
      keys: multiProvider({ primary: lost, recovery: [recoveryRecipient(publicKey)] }),
    })
    await before.scope('alice').set('token', 'x')
    await before.vault.close()
    // As a server that has got another master key, and the public half alone.
    const after = multiProvider({ primary: main, recovery: [recoveryRecipient(publicKey)] })
    const operator = testVault({ store, keys: after, audit: { mode: 'dangerously-off' } }).vault.operator(
      operatorPrincipal,
    )
    expect(await codeOf(operator.dropDataKey(alices))).toBe('VAULT_CONFLICT')
    const report = await recoveryDrill({ store, recovery: recoveryOpener(privateKey), primary: main, lost: ['lost#1'] })
    expect(report).toMatchObject({ ok: true, verified: { secrets: 1 } })
  })

  it('is not missed where there is none', async () => {
    const { vault } = testVault({ keys: main })
    expect(await vault.operator(operatorPrincipal).dropDataKey(alices)).toEqual({ dataKeys: 0, secrets: 0 })
  })
})

describe('a drop that was stopped', () => {
  it.each(['secrets.remove', 'dataKeys.remove'])('at %s goes on when it is begun again', async (at) => {
    const store = await withLostKey()
    const stop = new AbortController()
    const stopping = interceptStore(store, ({ name, run }) => {
      const answer = run()
      if (name === at) stop.abort(new Error('stopped'))
      return answer
    })
    const { vault } = testVault({ store: stopping, keys: main })
    const operator = vault.operator(operatorPrincipal)
    await expect(operator.dropDataKey(alices, { signal: stop.signal })).rejects.toThrow('stopped')
    await operator.dropDataKey(alices)
    expect(await recordsOf(store)).toEqual([])
    expect(await store.dataKeys.active(aliceRow)).toBeUndefined()
  })

  it('leaves what was stored since, and removes what a process still wrote under the old key', async () => {
    const store = await withLostKey()
    const [record] = await recordsOf(store)
    if (record === undefined) throw new Error('there is a record')
    const { vault, scope } = testVault({ store, keys: main })
    const operator = vault.operator(operatorPrincipal)
    await operator.dropDataKey(alices)
    await scope('alice').set('new', 'stored since')
    await store.secrets.put({ ...record, ref: { ...record.ref, name: 'late' } }, { ifRevision: 0 })
    expect(await operator.dropDataKey(alices)).toEqual({ dataKeys: 0, secrets: 1 })
    expect((await recordsOf(store)).map(({ ref }) => ref.name)).toEqual(['new'])
    expect((await scope('alice').get('new'))?.reveal()).toBe('stored since')
    expect(await codeOf(operator.dropDataKey(alices))).toBe('VAULT_CONFLICT')
  })
})
