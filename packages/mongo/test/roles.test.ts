// A user with the rights that the README names runs a vault, needs every one of them, and reaches nothing else.
import { readFileSync } from 'node:fs'
import { createVault, generateKey, keyRing, type StoreChange } from '@mcpvault/core'
import { describeWith, startMongo } from '@mcpvault/testkit'
import { eventually } from '@mcpvault/testkit/eventually'
import { callEverything, testPolicy } from '@mcpvault/testkit/vaults'
import type { CommandStartedEvent, Document, MongoClient } from 'mongodb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type MongoStoreOptions, mongoStore } from '../src/index.ts'
import { clientOn } from './support/stores.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const prefix = 'mcpvault_'
const database = 'app'
const operator = { id: 'root', roles: ['operator'] }
const refused = { code: 13 }
const erase = { trail: 'pseudonymise' } as const
const noCollectionRights = 'This server knows rights on whole databases alone.'
const privileges = [...readme.matchAll(/^\| `(mcpvault_\w+)` \| (.*) \|$/gm)].map(
  ([, collection = '', actions = '']) => ({
    resource: { db: database, collection },
    actions: [...actions.matchAll(/`(\w+)`/g)].map(([, action = '']) => action),
  }),
)
const redacting = { resource: { db: database, collection: `${prefix}audit` }, actions: ['update'] }
const watching = { resource: { db: database, collection: '' }, actions: ['find', 'changeStream'] }
const users = {
  app: privileges,
  operator: [...privileges, redacting],
  watcher: [...privileges, watching],
}

/** What was used of the rights, as `collection action`. */
const used = new Set<string>()
const actionsOf: Readonly<Record<string, string>> = {
  find: 'find',
  insert: 'insert',
  update: 'update',
  findAndModify: 'update',
  delete: 'remove',
  createIndexes: 'createIndex',
  listIndexes: 'listIndexes',
}

function noteRights({ commandName, command }: CommandStartedEvent): void {
  const action = actionsOf[commandName]
  if (action === undefined) return
  used.add(`${command[commandName]} ${action}`)
  const updates: readonly Document[] = command['updates'] ?? [command]
  if (updates.some(({ upsert }) => upsert === true)) used.add(`${command[commandName]} insert`)
}

rolesOn('a MongoDB replica set', { standalone: false })
rolesOn('a standalone MongoDB', { standalone: true })

test('every right that the README names is used', () => {
  const granted = privileges.flatMap(({ resource, actions }) => actions.map((each) => `${resource.collection} ${each}`))
  expect([...used].sort()).toEqual(granted.sort())
})

function rolesOn(name: string, { standalone }: { readonly standalone: boolean }): void {
  describeWith(
    `users of ${name}`,
    () => startMongo({ standalone }),
    (server) => {
      const clients: MongoClient[] = []
      const both = { 'main#1': generateKey(), 'main#2': generateKey() }
      const keys = keyRing({ current: 'main#1', keys: both })
      let hasCollectionRights = false

      async function clientAs(user: keyof typeof users): Promise<MongoClient> {
        const auth = { username: user, password: 'a-password' }
        const client = await clientOn(server(), { auth, authSource: 'admin', monitorCommands: true })
        clients.push(client)
        return client
      }

      async function vaultAs(user: keyof typeof users, options: Partial<MongoStoreOptions> = {}) {
        const client = await clientAs(user)
        const store = await mongoStore({ client, database, prefix, ...options })
        return { client, store, vault: createVault({ keys, store, policy: testPolicy }) }
      }

      beforeAll(async () => {
        const open = await clientOn(server())
        for (const [user, rights] of Object.entries(users)) {
          await open.db('admin').command({ createRole: user, privileges: rights, roles: [] })
          await open.db('admin').command({ createUser: user, pwd: 'a-password', roles: [user] })
        }
        await open.db('other').collection(`${prefix}secrets`).insertOne({ owner: 'bob' })
        await open.db(database).collection('mcpvault2_secrets').insertOne({ owner: 'bob' })
        await open.close()
        await server().refuseStrangers()
        const strange = (await clientAs('app')).db(database).collection('mcpvault2_secrets')
        hasCollectionRights = await strange.findOne().then(
          () => false,
          () => true,
        )
      }, 60_000)
      afterAll(async () => {
        for (const client of clients) await client.close()
      })

      test('[A5] call everything that a vault has', async () => {
        const { client, store, vault } = await vaultAs('app', standalone ? { watch: { pollMs: 20 } } : {})
        client.on('commandStarted', noteRights)
        await store.migrate()
        const notified: StoreChange[] = []
        const end = store.watch?.((change) => notified.push(change))
        const values = { text: 'a text of alice', bytes: Buffer.alloc(16, 7), field: 'a field' }
        const seen = await callEverything(vault, values)
        const codes = seen.map((each) => (each instanceof Error && 'code' in each ? each.code : 'answered'))
        expect(codes.filter((code) => code === 'answered').length).toBeGreaterThan(40)
        expect(codes).not.toContain('VAULT_STORE_FAILED')
        end?.()
        const rotated = createVault({ keys: keyRing({ current: 'main#2', keys: both }), store, policy: testPolicy })
        await rotated.operator(operator).rewrap()
        await rotated.operator(operator).eraseOwner('alice')
        expect(await store.locks.acquire('a lock', 'this process', 60_000)).toBe(true)
        expect(await store.locks.renew('a lock', 'this process', 60_000)).toBe(true)
        await store.locks.release('a lock', 'this process')
        await vault.close()
      })

      test.skipIf(standalone)('[A27] are notified of changes with the rights for watching', async () => {
        const { store, vault } = await vaultAs('watcher', { watch: true })
        const { vault: other } = await vaultAs('app')
        const notified: StoreChange[] = []
        const end = store.watch?.((change) => notified.push(change))
        const scope = other.as({ id: 'carol' }).scope({ server: 'github' })
        await eventually(async () => {
          await scope.set('token', 'of carol')
          await other.operator(operator).eraseOwner('carol')
          expect(notified).toContainEqual({
            kind: 'dataKey',
            scope: { kind: 'values', owner: 'carol', server: 'github' },
          })
        })
        end?.()
        await vault.close()
        await other.close()
      })

      test('[S38][A5] reach no other database, and remove nothing of their own', async () => {
        const client = await clientAs('app')
        const other = client.db('other').collection(`${prefix}secrets`)
        for (const work of [
          () => other.findOne(),
          () => other.insertOne({}),
          () => other.deleteMany({}),
          () => client.db(database).collection(`${prefix}audit`).drop(),
          () => client.db(database).dropDatabase(),
        ]) {
          await expect(work(), String(work)).rejects.toMatchObject(refused)
        }
        const store = await mongoStore({ client, database: 'other', prefix })
        await expect(store.migrate()).rejects.toMatchObject({ code: 'VAULT_STORE_FAILED', retryable: false })
      })

      test('[S38][A5] reach no other collection, and neither change nor shorten the trail', async (context) => {
        context.skip(!hasCollectionRights, noCollectionRights)
        const own = (await clientAs('app')).db(database)
        const [strange, trail] = [own.collection('mcpvault2_secrets'), own.collection(`${prefix}audit`)]
        for (const work of [
          () => strange.insertOne({}),
          () => trail.updateOne({}, { $set: { principal: 'nobody' } }),
          () => trail.deleteMany({}),
          () => own.collection(`${prefix}checkpoints`).deleteMany({}),
        ]) {
          await expect(work(), String(work)).rejects.toMatchObject(refused)
        }
      })

      test('[T46] pseudonymise a user with one right more', async () => {
        const { vault } = await vaultAs('operator')
        await vault.as({ id: 'bob' }).scope({ server: 'github' }).set('token', 'of bob')
        await vault.operator(operator).eraseOwner('bob', erase)
        expect((await vault.as(operator).auditLog({ owner: 'bob' })).items).toEqual([])
        await vault.close()
      })

      test('[T46] pseudonymise no user without it', async (context) => {
        context.skip(!hasCollectionRights, noCollectionRights)
        const { vault } = await vaultAs('app')
        await vault.as({ id: 'dave' }).scope({ server: 'github' }).set('token', 'of dave')
        await expect(vault.operator(operator).eraseOwner('dave', erase)).rejects.toMatchObject({
          code: 'VAULT_STORE_FAILED',
          retryable: false,
        })
        await vault.close()
      })
    },
  )
}
