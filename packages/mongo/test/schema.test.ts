// A schema that is changed while the store uses it: noticed, logged and refused, until it is mended.
import type { VaultStore } from '@mcpvault/core'
import { manualClock, sampleRef, sampleSecret } from '@mcpvault/core/testing'
import { eventually } from '@mcpvault/testkit/eventually'
import { errorOf } from '@mcpvault/testkit/suites'
import { expect, test, vi } from 'vitest'
import { describeOnEach } from './support/deployments.ts'
import { freshStore } from './support/stores.ts'

const incomplete = { code: 'VAULT_STORE_NOT_READY', retryable: false }
const emptied = { code: 'VAULT_STORE_FAILED', retryable: false }
const absent = { owner: 'nobody', server: 'github', name: 'token' }

const questions: readonly (readonly [string, (store: VaultStore) => Promise<unknown>])[] = [
  ['a secret', async (store) => await store.secrets.find(absent, 'current')],
  ['the secrets of a scope', async (store) => await store.secrets.findAll(absent, { limit: 10 })],
  ['a list', async (store) => await store.secrets.list({ owner: absent.owner, limit: 10 })],
  ['an active data key', async (store) => await store.dataKeys.active({ kind: 'values', owner: 'nobody', server: '' })],
  ['a data key', async (store) => await store.dataKeys.find('none', { kind: 'values', owner: 'nobody', server: '' })],
  ['the id of the vault', async (store) => await store.meta.read('nothing')],
]

describeOnEach(
  (name) => `the schema in ${name}`,
  ({ client }) => {
    /** A store with one secret, whose looks are as old as the test says. */
    async function watchedStore() {
      const [clock, warn] = [manualClock(), vi.fn()]
      const { store, prefix, drop } = await freshStore(client(), { clock, logger: { warn } })
      await store.secrets.put(sampleSecret(), { ifRevision: 0 })
      const collection = (name: string) => client().db('vaults').collection(`${prefix}${name}`)
      const find = () => store.secrets.find(sampleRef(), 'current')
      const isRefused = async (reason: object): Promise<void> => {
        clock.advance(5_001)
        await eventually(async () => expect(await errorOf(find)).toMatchObject(reason))
        expect(warn).toHaveBeenCalledOnce()
      }
      return { store, clock, collection, drop, find, isRefused }
    }

    test.each([
      ['secrets', 'ref'],
      ['data_keys', 'id'],
      ['audit', 'place'],
    ])('[N4] of %s without its unique index is refused until migrate() has made it again', async (name, index) => {
      const { store, collection, find, isRefused } = await watchedStore()
      await collection(name).dropIndex(index)
      await isRefused(incomplete)
      await store.migrate()
      expect(await find()).toBeDefined()
    })

    test('[N4] is looked at after the servers changed, before a call is answered', async () => {
      const { collection, find } = await watchedStore()
      await collection('audit').dropIndex('place')
      expect(await find()).toBeDefined()
      // As the driver does after a restart, a fail-over or a new member.
      for (const listener of client().listeners('topologyDescriptionChanged')) Reflect.apply(listener, undefined, [])
      expect(await errorOf(find)).toMatchObject(incomplete)
    })

    test('[N4] whose unique index became another one is refused', async () => {
      const { collection, isRefused } = await watchedStore()
      await collection('audit').dropIndex('place')
      await collection('audit').createIndex({ stream: 1, sequence: 1 }, { name: 'place' })
      await isRefused(incomplete)
    })

    test('without the secrets is an error, not a vault without them', async () => {
      const { collection, clock, find } = await watchedStore()
      await collection('secrets').drop()
      clock.advance(1_001)
      expect(await errorOf(find)).toMatchObject(incomplete)
    })

    test.each(questions)('is looked at before it is said of %s that there is none', async (_, ask) => {
      const { store, collection, clock } = await watchedStore()
      expect((await ask(store)) ?? []).toEqual([])
      await collection('audit').drop()
      clock.advance(1_001)
      expect(await errorOf(() => ask(store))).toMatchObject(incomplete)
    })

    test('that is gone is an error that says so', async () => {
      const { drop, isRefused, store } = await watchedStore()
      await store.locks.acquire('lock', 'holder', 1_000)
      await store.audit.putCheckpoint({ id: 'one', createdAt: new Date(0), note: 'note' })
      await drop().catch(() => undefined)
      await isRefused(emptied)
    })
  },
)
