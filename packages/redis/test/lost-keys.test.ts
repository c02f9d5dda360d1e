// A key of a scope that is gone while another one is there: its secrets are lost, which is an error and never "absent".
import type { SecretRef, VaultStore } from '@mcpvault/core'
import { createVault, generateKey, keyRing } from '@mcpvault/core'
import { sampleSecret } from '@mcpvault/core/testing'
import { describeWith, startRedis, startRedisCluster } from '@mcpvault/testkit'
import { errorOf } from '@mcpvault/testkit/suites'
import type { Cluster, Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { keysOf } from '../src/keys.ts'
import { clientOfNodes, freshStore, type Node } from './support/stores.ts'

const lost = { code: 'VAULT_STORE_FAILED', retryable: false }
const ref: SecretRef = { owner: 'alice', server: 'github', name: 'token' }

const questions: readonly (readonly [string, (store: VaultStore) => Promise<unknown>])[] = [
  ['the current version', async (store) => await store.secrets.find(ref, 'current')],
  ['one version', async (store) => await store.secrets.find(ref, 1)],
  ['all versions', async (store) => await store.secrets.find(ref, 'all')],
  ['the scope', async (store) => await store.secrets.findAll(ref, { limit: 10 })],
  ['a list', async (store) => await store.secrets.list({ owner: ref.owner, limit: 10 })],
]

function registerTests(nodes: () => readonly Node[]): void {
  let client: Redis | Cluster
  beforeAll(() => {
    client = clientOfNodes(nodes())
  })
  afterAll(() => client.disconnect())

  describe('with the key of the secrets of a scope', () => {
    test.each(questions)('are lost for %s', async (_, ask) => {
      const { store, prefix } = await freshStore(client)
      await store.secrets.put(sampleSecret({ ref }), { ifRevision: 0 })
      await client.del(keysOf(prefix).secrets(ref))
      expect(await errorOf(() => ask(store))).toMatchObject(lost)
    })

    test('are absent where that is accepted', async () => {
      const { store, prefix } = await freshStore(client, { durability: 'best-effort' })
      await store.secrets.put(sampleSecret({ ref }), { ifRevision: 0 })
      await client.del(keysOf(prefix).secrets(ref))
      for (const [, ask] of questions) expect((await ask(store)) ?? []).toEqual([])
      expect(await store.secrets.put(sampleSecret({ ref }), { ifRevision: 0 })).toBe(true)
    })
  })

  test.each(['r', 'v'])('are damaged, not lost, when only the field %s of one is gone', async (field) => {
    const { store, prefix } = await freshStore(client)
    await store.secrets.put(sampleSecret({ ref }), { ifRevision: 0 })
    await client.hdel(keysOf(prefix).secrets(ref), `${field}${ref.name}`)
    for (const [, ask] of questions) {
      const [found] = [await ask(store)].flat()
      expect(found).toMatchObject({ ref, isDamaged: true })
    }
  })

  test('are lost for the scope with the key of its names, also after another secret was added', async () => {
    const { store, prefix } = await freshStore(client)
    const names = ['one', 'two', 'three']
    for (const name of names) await store.secrets.put(sampleSecret({ ref: { ...ref, name } }), { ifRevision: 0 })
    expect(await store.secrets.findAll(ref, { limit: 10 })).toHaveLength(3)
    await client.del(keysOf(prefix).names(ref))
    const findAll = () => store.secrets.findAll(ref, { limit: 10 })
    expect(await errorOf(findAll)).toMatchObject(lost)
    await store.secrets.put(sampleSecret({ ref: { ...ref, name: 'four' } }), { ifRevision: 0 })
    expect(await errorOf(findAll)).toMatchObject(lost)
    expect(await store.secrets.find({ ...ref, name: 'one' }, 'current')).toBeDefined()
  })

  test('are not the ones that were deleted, brought back or destroyed', async () => {
    const { store } = await freshStore(client)
    const keys = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })
    const vault = createVault({ keys, store })
    const scope = vault.as({ id: ref.owner }).scope({ server: ref.server })
    await scope.set('kept', 'value')
    for (const end of ['delete', 'destroy'] as const) {
      await scope.set('token', 'one')
      await scope.delete('token')
      expect([...(await scope.getAll()).values.keys()]).toEqual(['kept'])
      await scope.undelete('token')
      expect([...(await scope.getAll()).values.keys()]).toEqual(['kept', 'token'])
      await scope[end]('token')
      expect(await scope.get('token')).toBeUndefined()
      expect([...(await scope.getAll()).values.keys()]).toEqual(['kept'])
      await scope.destroy('token')
    }
    expect((await scope.list()).items).toHaveLength(1)
    await vault.close()
  })
}

describeWith('[S39] secrets that Redis lost', startRedis, (server) => registerTests(() => [server()]))
describeWith('[S39] secrets that a Redis cluster lost', startRedisCluster, (cluster) =>
  registerTests(() => cluster().nodes),
)
