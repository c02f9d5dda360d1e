// What means something to MongoDB never means it as a caller's input: objects are refused, and strings are literal.
import { createVault, generateKey, isVaultError, keyRing, type Vault, type VaultStore } from '@mcpvault/core'
import { sampleAuditRow, sampleDataKey, sampleGrant, sampleRef, sampleSecret } from '@mcpvault/core/testing'
import { describeWith, startMongo } from '@mcpvault/testkit'
import { testPolicy } from '@mcpvault/testkit/vaults'
import type { MongoClient } from 'mongodb'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { clientOn, freshStore } from './support/stores.ts'

/** What plain JavaScript may pass where a string belongs, such as a parsed query string. */
const objects: readonly unknown[] = [
  { $ne: 1 },
  { $gt: '' },
  { $exists: true },
  { $in: ['token'] },
  { $regex: '.*' },
  { $where: 'true' },
  { $eq: 'token' },
  ['token'],
  /.*/,
  { toString: () => 'token' },
  // The driver writes what this gives in place of the object.
  { toBSON: () => 'token' },
  { _bsontype: 'ObjectId', id: 'token' },
]

/** Texts that are operators, paths, expressions or ends of text elsewhere in the protocol. */
const texts = [
  '$where',
  '$ne',
  '$$ROOT',
  '$owner',
  'a.b',
  '.',
  '$',
  'owner.$[]',
  '{ "$ne": 1 }',
  'a\0b',
  '\0',
  '__proto__',
]

type Call = (vault: Vault, value: never) => unknown

const aliceOf = (vault: Vault) => vault.as({ id: 'alice' }).scope({ server: 'github' })
const operatorOf = (vault: Vault) => vault.operator({ id: 'root', roles: ['operator'] })

/** Every place where a caller gives a string. */
const places: readonly (readonly [string, Call])[] = [
  ['a principal', (vault, id) => vault.as({ id })],
  ['a role', (vault, role) => vault.as({ id: 'alice', roles: [role] })],
  ['an operator', (vault, id) => vault.operator({ id })],
  ...['correlationId', 'sourceIp', 'userAgent', 'deploymentId', 'reason'].map((field): readonly [string, Call] => [
    field,
    (vault, value) => vault.as({ id: 'alice' }, { [field]: value }),
  ]),
  ['an owner', (vault, owner) => vault.as({ id: 'alice' }).scope({ owner })],
  ['a server', (vault, server) => vault.as({ id: 'alice' }).scope({ server })],
  ['a name to set', (vault, name) => aliceOf(vault).set(name, 'value')],
  ['a name to get', (vault, name) => aliceOf(vault).get(name)],
  ['a name to use', (vault, name) => aliceOf(vault).use(name, () => 1)],
  ['a name to patch', (vault, name) => aliceOf(vault).patch(name, { a: 'b' })],
  ['a name to update', (vault, name) => aliceOf(vault).update(name, { tier: 1 })],
  ['a name to describe', (vault, name) => aliceOf(vault).describe(name)],
  ['a name with a history', (vault, name) => aliceOf(vault).history(name)],
  ['a name to restore', (vault, name) => aliceOf(vault).restore(name, 1)],
  ['a name to delete', (vault, name) => aliceOf(vault).delete(name)],
  ['a name to destroy', (vault, name) => aliceOf(vault).destroy(name)],
  ['a name to share', (vault, name) => aliceOf(vault).share(name, { with: 'bob', permission: 'read' })],
  ['a name to unshare', (vault, name) => aliceOf(vault).unshare(name, { with: 'bob' })],
  ['a name with grants', (vault, name) => aliceOf(vault).grants(name)],
  ['a principal to share with', (vault, id) => aliceOf(vault).share('token', { with: id, permission: 'read' })],
  ['a principal to unshare with', (vault, id) => aliceOf(vault).unshare('token', { with: id })],
  ['a permission', (vault, permission) => aliceOf(vault).share('token', { with: 'bob', permission })],
  ['a version', (vault, version) => aliceOf(vault).get('token', { version })],
  ['a version expected', (vault, ifVersion) => aliceOf(vault).set('token', 'value', { ifVersion })],
  ['a type', (vault, type) => aliceOf(vault).set('token', 'value', { type })],
  ['a tag', (vault, tag) => aliceOf(vault).set('token', 'value', { tags: [tag] })],
  ['a description', (vault, description) => aliceOf(vault).set('token', 'value', { description })],
  ...['tag', 'type', 'tier', 'state', 'expiresBefore', 'cursor', 'limit'].flatMap(
    (field): (readonly [string, Call])[] => [
      [`${field} of a list`, (vault, value) => aliceOf(vault).list({ [field]: value })],
      [`${field} of a list of all`, (vault, value) => vault.as({ id: 'alice' }).listAll({ [field]: value })],
    ],
  ),
  ['one of any tags', (vault, tag) => aliceOf(vault).list({ anyTag: [tag] })],
  ['one of all tags', (vault, tag) => aliceOf(vault).list({ allTags: [tag] })],
  ...['principal', 'owner', 'server', 'name', 'secretId', 'correlationId', 'from', 'to', 'cursor', 'limit'].map(
    (field): readonly [string, Call] => [
      `${field} of the trail`,
      (vault, value) => vault.as({ id: 'root', roles: ['operator'] }).auditLog({ [field]: value }),
    ],
  ),
  ['an action of the trail', (vault, action) => vault.as({ id: 'alice' }).auditLog({ actions: [action] })],
  ['an outcome of the trail', (vault, outcome) => vault.as({ id: 'alice' }).auditLog({ outcomes: [outcome] })],
  ['an owner to erase', (vault, owner) => operatorOf(vault).eraseOwner(owner)],
  ['what becomes of the trail', (vault, trail) => operatorOf(vault).eraseOwner('alice', { trail })],
  ['a key to retire', (vault, keyId) => operatorOf(vault).assertRetirable(keyId)],
]

describeWith('injection into MongoDB', startMongo, (server) => {
  let client: MongoClient
  let vault: Vault
  const sent: string[] = []
  beforeAll(async () => {
    client = await clientOn(server(), { monitorCommands: true })
    const { store } = await freshStore(client)
    const keys = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })
    vault = createVault({ keys, store, policy: testPolicy })
    await aliceOf(vault).set('token', 'of alice', { tags: ['token'] })
    client.on('commandStarted', ({ commandName }) => sent.push(commandName))
  })
  afterEach(() => sent.splice(0))
  afterAll(async () => {
    await vault.close()
    await client.close()
  })

  describe('by a value that is no string', () => {
    test.each(places)('[S43] as %s is refused before anything is sent', async (_, call) => {
      for (const object of objects) {
        const answer = await outcomeOf(async () => call(vault, object as never))
        expect([object, answer]).toEqual([object, 'refused'])
      }
      expect(sent).toEqual([])
    })

    test.each(objects.map((object) => [object]))(
      '[S43] within a cursor is refused before anything is sent: %j',
      async (object) => {
        const now = Date.now()
        for (const parts of [[now, object], [object, 'id'], [now, object, 1], [now, 'stream', object], object]) {
          const cursor = Buffer.from(JSON.stringify(parts)).toString('base64url')
          expect(await outcomeOf(() => aliceOf(vault).list({ cursor }))).toBe('refused')
          expect(await outcomeOf(() => vault.as({ id: 'alice' }).auditLog({ cursor }))).toBe('refused')
        }
        expect(sent).toEqual([])
      },
    )
  })

  describe('by a text', () => {
    let store: VaultStore
    beforeAll(async () => {
      store = (await freshStore(client)).store
    })

    test.each(texts)('[S43] as every field of a secret: %j', async (text) => {
      const ref = sampleRef({ owner: text, server: text, name: text })
      const record = sampleSecret({
        ref,
        id: `id ${text}`,
        type: text,
        dekId: text,
        tags: [text],
        description: text,
        grants: [sampleGrant({ principal: `${text} friend`, grantedBy: text })],
      })
      await store.secrets.put(sampleSecret({ id: `other ${text}`, ref: { ...ref, name: `${text} other` } }), {
        ifRevision: 0,
      })
      expect(await store.secrets.put(record, { ifRevision: 0 })).toBe(true)
      const { type, dekId, tags, description, grants } = record
      const texted = { ref, id: record.id, type, dekId, tags, description, grants }
      expect(await store.secrets.find(ref, 'all')).toMatchObject(texted)
      const listed = async (query: object) => (await store.secrets.list({ limit: 10, ...query })).map(({ id }) => id)
      for (const query of [{ tagsAll: [text] }, { tagsAny: [text] }, { type: text }, { dekId: text }]) {
        expect(await listed(query), JSON.stringify(query)).toEqual([record.id])
      }
      expect(await listed({ visibleTo: `${text} friend` })).toEqual([record.id])
      for (const query of [{ owner: text }, { server: text }]) expect(await listed(query)).toHaveLength(2)
      await store.secrets.touch([{ ref, id: record.id, lastUsedAt: new Date(1_000), uses: 1 }])
      expect((await store.secrets.find(ref, 'current'))?.useCount).toBe(record.useCount + 1)
      expect(await store.secrets.remove(ref, { ifRevision: record.revision })).toBe(true)
      expect(await listed({ owner: text })).toEqual([`other ${text}`])
    })

    test.each(texts)(
      '[S43] as every field of the trail, of a data key and of what belongs to the store: %j',
      async (text) => {
        const named = { principal: text, owner: text, server: text, name: text, secretId: text, correlationId: text }
        const rows = [
          sampleAuditRow({ stream: text, sequence: 0, columns: named }),
          sampleAuditRow({ stream: `${text} other`, sequence: 0 }),
        ]
        expect(await store.audit.append(rows)).toBe('stored')
        for (const [field, value] of Object.entries({ ...named, stream: text })) {
          expect(await placesOf(store.audit.query({ [field]: value }, { limit: 10 })), field).toEqual([[text, 0]])
        }
        expect(await placesOf(store.audit.readStream(text, { limit: 10, afterSequence: -1 }))).toEqual([[text, 0]])

        const scope = { kind: 'values', owner: text, server: text } as const
        const key = sampleDataKey({ id: `key ${text}`, scope })
        const { id } = key
        expect(await store.dataKeys.insert(key)).toMatchObject({ id, scope })
        expect(await store.dataKeys.find(id, scope)).toMatchObject({ id, scope })
        expect(await store.dataKeys.list({ owner: text, limit: 10 })).toMatchObject([{ id }])

        const bytes = new Uint8Array([1, 2, 3])
        expect(new Uint8Array(await store.meta.insertOnce(text, bytes))).toEqual(bytes)
        expect(await store.meta.read(`${text} other`)).toBeUndefined()
        expect(await store.locks.acquire(text, text, 60_000)).toBe(true)
        expect(await store.locks.acquire(text, 'another', 60_000)).toBe(false)
        expect(await store.locks.renew(text, 'another', 60_000)).toBe(false)
        await store.locks.release(text, text)
      },
    )
  })
})

async function placesOf(
  rows: ReturnType<VaultStore['audit']['query']>,
): Promise<readonly (readonly [string, number])[]> {
  return (await rows).map(({ stream, sequence }) => [stream, sequence])
}

/** `refused` for the errors of a wrong argument, else what came. */
async function outcomeOf(work: () => unknown): Promise<unknown> {
  try {
    return { resolved: await work() }
  } catch (error) {
    const isRefusal =
      error instanceof TypeError ||
      isVaultError(error, 'VAULT_REF_INVALID') ||
      isVaultError(error, 'VAULT_VALUE_INVALID')
    return isRefusal ? 'refused' : error
  }
}
