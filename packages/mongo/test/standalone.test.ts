// A standalone MongoDB: appending without transactions, and the notes by which its processes notify each other.
import type { StoreChange } from '@mcpvault/core'
import { manualClock, sampleAuditRow, sampleDataKey } from '@mcpvault/core/testing'
import { describeWith, startMongo } from '@mcpvault/testkit'
import { eventually } from '@mcpvault/testkit/eventually'
import { errorOf } from '@mcpvault/testkit/suites'
import type { MongoClient } from 'mongodb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { clientOn, freshStore } from './support/stores.ts'

const pollMs = 1_000
const everything = { kind: 'everything' } as const

describeWith(
  'a standalone MongoDB',
  () => startMongo({ standalone: true }),
  (server) => {
    let client: MongoClient
    beforeAll(async () => {
      client = await clientOn(server())
    })
    afterAll(() => client.close())

    test('lists a stream whose first append failed after its rows were stored', async () => {
      const { store } = await freshStore(client)
      const rows = [0, 1].map((sequence) => sampleAuditRow({ sequence }))
      const admin = client.db('admin')
      await admin.command({
        configureFailPoint: 'failCommand',
        mode: { times: 1 },
        data: { failCommands: ['update'], errorCode: 8_000 },
      })
      expect(await errorOf(() => store.audit.append(rows))).toMatchObject({ code: 'VAULT_STORE_FAILED' })
      await admin.command({ configureFailPoint: 'failCommand', mode: 'off' })
      const stream = rows[0]?.stream ?? ''
      expect(await store.audit.readStream(stream, { limit: 10, afterSequence: -1 })).toHaveLength(2)
      expect(await store.audit.streams({ limit: 10 })).toEqual([])
      expect(await store.audit.append(rows)).toBe('stored')
      expect(await store.audit.streams({ limit: 10 })).toMatchObject([{ stream, lastSequence: 1 }])
    })

    test('lists a stream whose last row was deleted, so that verification finds the gap', async () => {
      const { store, prefix } = await freshStore(client)
      await store.audit.append([0, 1].map((sequence) => sampleAuditRow({ sequence })))
      await client.db('vaults').collection(`${prefix}audit`).deleteOne({ sequence: 1 })
      const [info] = await store.audit.streams({ limit: 10 })
      expect(info).toMatchObject({ lastSequence: 1, lastMac: new Uint8Array(), isClosed: false })
    })

    test('writes no row of a batch that has a fork', async () => {
      const { store } = await freshStore(client)
      const [first, second, third] = [0, 1, 2].map((sequence) => sampleAuditRow({ sequence }))
      if (first === undefined || second === undefined || third === undefined) throw new Error('There are three rows.')
      await store.audit.append([first, second])
      const fork = { ...second, mac: new Uint8Array(32).fill(9) }
      expect(await store.audit.append([third, fork])).toBe('forked')
      expect(await store.audit.readStream(first.stream, { limit: 10, afterSequence: -1 })).toHaveLength(2)
    })

    /** A store that listens by a clock that is moved by hand, and another one whose changes it is notified of. */
    async function watchedStores() {
      const clock = manualClock()
      const { store: other, open, prefix } = await freshStore(client, { watch: { pollMs } })
      const store = await open({ clock })
      const changes: StoreChange[] = []
      const end = store.watch?.((change) => changes.push(change))
      await eventually(() => expect(changes).toEqual([everything]))
      changes.length = 0
      const rows = ['alice', 'bob'].map((owner) =>
        sampleDataKey({ label: owner, scope: { kind: 'values', owner, server: 'github' } }),
      )
      for (const row of rows) await other.dataKeys.insert(row)
      const poll = async (): Promise<void> => {
        clock.advance(pollMs)
        await eventually(() => expect(changes.length).toBeGreaterThan(0))
      }
      return { store, other, prefix, changes, end, rows, poll }
    }

    test('[A27] notifies of the changes by others, in their order, and not of own ones', async () => {
      const { store, other, changes, end, rows, poll } = await watchedStores()
      const scopes = rows.map(({ scope }) => scope)
      await store.dataKeys.replace({ ...at(rows, 0), revision: 2 }, { ifRevision: 1 })
      await other.dataKeys.replace({ ...at(rows, 1), revision: 2 }, { ifRevision: 1 })
      await other.dataKeys.remove(at(rows, 0).id, at(rows, 0).scope)
      await poll()
      expect(changes).toEqual([scopes[1], scopes[0]].map((scope) => ({ kind: 'dataKey', scope })))
      end?.()
    })

    test('[A27] notifies of everything after more changes than there are notes', async () => {
      const { other, changes, end, rows, poll } = await watchedStores()
      for (let revision = 2; revision < 103; revision += 1) {
        await other.dataKeys.replace({ ...at(rows, 0), revision }, { ifRevision: revision - 1 })
      }
      await poll()
      expect(changes).toEqual([everything])
      changes.length = 0
      await other.dataKeys.remove(at(rows, 1).id, at(rows, 1).scope)
      await poll()
      expect(changes).toEqual([{ kind: 'dataKey', scope: at(rows, 1).scope }])
      end?.()
    })

    test('[A27] notifies of everything after an older database was put back', async () => {
      const { other, prefix, changes, end, rows, poll } = await watchedStores()
      await other.dataKeys.remove(at(rows, 0).id, at(rows, 0).scope)
      await poll()
      changes.length = 0
      await client
        .db('vaults')
        .collection<{ readonly _id: string }>(`${prefix}meta`)
        .updateOne({ _id: 'changes' }, { $set: { number: 0, notes: [] } })
      await poll()
      expect(changes).toEqual([everything])
      end?.()
    })
  },
)

function at<T>(items: readonly T[], index: number): T {
  const item = items[index]
  if (item === undefined) throw new Error(`There is no item ${index}.`)
  return item
}
