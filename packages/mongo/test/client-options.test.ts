// The settings of the caller's client for values and commands change nothing of the store.
import { createVault, generateKey, keyRing } from '@mcpvault/core'
import { encodeSecretRecord } from '@mcpvault/core/adapter'
import { sampleDataKey, sampleSecret } from '@mcpvault/core/testing'
import { eventually } from '@mcpvault/testkit/eventually'
import { operatorPrincipal as operator, testPolicy as policy } from '@mcpvault/testkit/vaults'
import { Binary, type CommandStartedEvent, type MongoClientOptions } from 'mongodb'
import { expect, test } from 'vitest'
import { bytesOf } from '../src/engine.ts'
import type { MongoStore } from '../src/index.ts'
import { describeOnEach } from './support/deployments.ts'
import { clientOn, freshStore } from './support/stores.ts'

const keys = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })
const expiresAt = new Date(Date.UTC(2100, 0, 1))

/** Every kind of call, in an order in which each finds what the others left. */
async function useEverything(store: MongoStore): Promise<void> {
  const vault = createVault({ keys, store, policy })
  const scope = vault.as({ id: 'alice' }).scope({ server: 'github' })
  expect((await scope.set('token', 'one', { tags: ['ci'], expiresAt })).version).toBe(1)
  expect((await scope.set('token', 'two')).version).toBe(2)
  expect((await scope.get('token'))?.reveal()).toBe('two')
  expect((await scope.get('token', { version: 1 }))?.reveal()).toBe('one')
  expect([...(await scope.getAll()).values.keys()]).toEqual(['token'])
  expect((await scope.list({ tag: 'ci' })).items).toMatchObject([{ expiresAt }])
  expect(await scope.history('token')).toHaveLength(2)
  await scope.delete('token')
  expect(await scope.get('token')).toBeUndefined()
  await scope.undelete('token')
  await scope.destroy('token')
  expect((await scope.set('token', 'three')).version).toBeGreaterThan(0)
  expect(await store.locks.acquire('lock', 'holder', 60_000)).toBe(true)
  expect(await store.locks.renew('lock', 'holder', 60_000)).toBe(true)
  expect(await store.locks.acquire('lock', 'other', 60_000)).toBe(false)
  const row = sampleDataKey({ scope: { kind: 'values', owner: 'zoe', server: 'github' } })
  await store.dataKeys.insert(row)
  expect(await store.dataKeys.replace({ ...row, revision: 2 }, { ifRevision: 1 })).toBe(true)
  expect((await store.dataKeys.find(row.id, row.scope))?.wraps.map((wrap) => [...wrap])).toEqual(
    row.wraps.map((wrap) => [...wrap]),
  )
  await store.dataKeys.remove(row.id, row.scope)
  expect((await vault.operator(operator).verifyAudit()).problems).toEqual([])
  await vault.close()
}

const harmless: readonly (readonly [name: string, MongoClientOptions])[] = [
  ['promoteValues', { promoteValues: false }],
  ['promoteBuffers', { promoteBuffers: false }],
  ['promoteLongs', { promoteLongs: false }],
  ['useBigInt64', { useBigInt64: true }],
  ['bsonRegExp', { bsonRegExp: true }],
  ['ignoreUndefined', { ignoreUndefined: false }],
  ['serializeFunctions', { serializeFunctions: true }],
  ['raw', { raw: true }],
  ['fieldsAsRaw', { fieldsAsRaw: { record: true, versions: true, wraps: true, body: true } }],
  ['enableUtf8Validation', { enableUtf8Validation: false }],
  ['forceServerObjectId', { forceServerObjectId: true }],
  ['retryWrites and retryReads', { retryWrites: false, retryReads: false }],
  ['a write concern of nothing', { writeConcern: { w: 0 } }],
  ['a write concern without a journal', { writeConcern: { w: 1, journal: false } }],
  ['a local read concern', { readConcern: { level: 'local' } }],
  ['a read preference for secondaries', { readPreference: 'secondaryPreferred' }],
  ['a read preference for the nearest', { readPreference: 'nearest' }],
]

const writes = ['insert', 'update', 'delete', 'createIndexes', 'commitTransaction']

describeOnEach(
  (name) => `a client of ${name}`,
  ({ server, standalone }) => {
    test.each(harmless)('may have %s', async (_, options) => {
      const client = await clientOn(server(), { ...options, monitorCommands: true })
      const sent: CommandStartedEvent[] = []
      client.on('commandStarted', (event) => sent.push(event))
      const { store } = await freshStore(client)
      await useEverything(store)
      // What a transaction writes has the concern of its commit.
      const alone = sent.filter(({ commandName, command }) => {
        const isWithin = command['autocommit'] === false && commandName !== 'commitTransaction'
        return writes.includes(commandName) && !isWithin
      })
      expect(alone.length).toBeGreaterThan(0)
      for (const { command } of alone) expect(command['writeConcern']).toMatchObject({ w: 'majority', j: true })
      const reads = sent.filter(
        ({ commandName, command }) => commandName === 'find' && command['txnNumber'] === undefined,
      )
      for (const { command } of reads) expect(command['readConcern']).toMatchObject({ level: 'majority' })
      await client.close()
    })

    test.each(['raw', 'promoteValues'] as const)('may have %s, and is notified of changes', async (option) => {
      const client = await clientOn(server(), { [option]: option === 'raw' })
      const { store, open } = await freshStore(client, standalone ? { watch: { pollMs: 50 } } : { watch: true })
      const changes: unknown[] = []
      const end = (await open()).watch?.((change) => changes.push(change))
      await eventually(() => expect(changes).toContainEqual({ kind: 'everything' }))
      const { scope } = await store.dataKeys.insert(sampleDataKey())
      await store.dataKeys.replace(sampleDataKey({ revision: 2 }), { ifRevision: 1 })
      await eventually(() => expect(changes).toContainEqual({ kind: 'dataKey', scope }))
      end?.()
      await client.close()
    })

    test('that gives bytes as another type is an error, and nothing looks absent', () => {
      expect(() => bytesOf(new Binary(Buffer.from('bytes')))).toThrow(
        expect.objectContaining({ code: 'VAULT_STORE_FAILED', field: 'client', retryable: false }),
      )
      expect(bytesOf(undefined)).toBeUndefined()
      // What a server sent can have the name of the type too.
      expect(bytesOf({ _bsontype: 'Binary' })).toHaveLength(0)
    })

    test('finds an error in the place of a value that is written once, and not its absence', async () => {
      const client = await clientOn(server())
      const { store, prefix } = await freshStore(client)
      await store.meta.insertOnce('key', Buffer.from('value'))
      const meta = client.db('vaults').collection<{ _id: string }>(`${prefix}meta`)
      await meta.updateOne({ _id: 'meta\nkey' }, { $set: { value: 'another type' } })
      const read = async () => await store.meta.read('key')
      await expect(read()).rejects.toMatchObject({ code: 'VAULT_STORE_FAILED', retryable: false })
      await client.close()
    })

    test.each([
      ['a text', 'another type'],
      ['a number', 7],
      ['a document', { type: 'Binary' }],
    ])('finds %s in the place of bytes damaged, and neither absent nor an error', async (_, record) => {
      const client = await clientOn(server())
      const { store, prefix } = await freshStore(client)
      await store.secrets.put(sampleSecret(), { ifRevision: 0 })
      const secrets = client.db('vaults').collection(`${prefix}secrets`)
      await secrets.updateOne({}, [{ $set: { record: { $literal: record } } }])
      const { ref, revision } = sampleSecret()
      const damaged = { ref, revision, isDamaged: true }
      for (const versions of ['current', 1, 'all'] as const)
        expect(await store.secrets.find(ref, versions)).toMatchObject(damaged)
      expect(await store.secrets.findAll(ref, { limit: 10 })).toMatchObject([damaged])
      expect(await store.secrets.list({ owner: ref.owner, limit: 10 })).toMatchObject([damaged])
      const id = { owner: ref.owner, server: ref.server, name: ref.name }
      await secrets.updateOne(id, {
        $set: { record: Buffer.from(encodeSecretRecord(sampleSecret())), envelope: record },
      })
      const [found] = await store.secrets.findAll(ref, { limit: 10 })
      expect(found?.versions.at(-1)?.envelope).toHaveLength(0)
      await client.close()
    })
  },
)
