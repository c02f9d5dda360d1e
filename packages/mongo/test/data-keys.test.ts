// The two documents of an active data key: a process may end between their writes, alone or in a race.
import type { StoredDataKey } from '@mcpvault/core'
import { sampleDataKey } from '@mcpvault/core/testing'
import { lifeline } from '@mcpvault/testkit/campaign'
import { expect, test } from 'vitest'
import { mongoStore } from '../src/index.ts'
import { describeOnEach } from './support/deployments.ts'
import { endingClient } from './support/ending.ts'
import { freshStore } from './support/stores.ts'

const all = { limit: 100 }

const unlessEnded = (work: () => unknown): Promise<unknown> => Promise.allSettled([work()])

describeOnEach(
  (name) => `a data key on ${name}`,
  ({ client }) => {
    /** A store, and one of a process that ends after so many commands. */
    async function stores() {
      const line = lifeline()
      const { store, prefix } = await freshStore(client())
      const ending = await mongoStore({ client: endingClient(client(), line), database: 'vaults', prefix })
      const stored = async (): Promise<string> => {
        const names = ['data_keys', 'meta'].map((name) => client().db('vaults').collection(`${prefix}${name}`))
        return JSON.stringify(await Promise.all(names.map((collection) => collection.find().toArray())))
      }
      // The first call also looks at the schema.
      await ending.dataKeys.list(all)
      return { store, ending, line, stored }
    }

    /** Ends a process after each number of commands, until one lives to the end. */
    async function endEach(run: (after: number) => Promise<boolean>): Promise<void> {
      let after = 0
      while (await run(after)) after += 1
      expect(after).toBeGreaterThan(1)
    }

    test('[S39][N17] is the only active one of its scope, also when the loser of a race ends anywhere', () =>
      endEach(async (after) => {
        const { store, ending, line } = await stores()
        line.endAfter(after)
        const mine = sampleDataKey({ label: 'mine' })
        await Promise.allSettled([ending.dataKeys.insert(mine), store.dataKeys.insert(sampleDataKey())])
        const active = await store.dataKeys.insert(sampleDataKey({ label: 'next' }))
        expect(await store.dataKeys.active(mine.scope)).toEqual(active)
        const rows = await store.dataKeys.list(all)
        expect(rows.filter(({ state }) => state === 'active')).toEqual([active])
        for (const row of rows) {
          expect(await store.dataKeys.find(row.id, row.scope)).toEqual(row)
          const next = { ...row, revision: row.revision + 1 }
          expect(await store.dataKeys.replace(next, { ifRevision: row.revision })).toBe(true)
        }
        expect(await store.dataKeys.active(mine.scope)).toMatchObject({ id: active.id, revision: active.revision + 1 })
        return line.isEnded()
      }))

    test('[S5] is found by the next erasure, and leaves no name behind, when its removal ends anywhere', () =>
      endEach(async (after) => {
        const { store, ending, line, stored } = await stores()
        const row = await store.dataKeys.insert(sampleDataKey())
        expect(await stored()).toContain(row.scope.owner)
        line.endAfter(after)
        await unlessEnded(() => ending.dataKeys.remove(row.id, row.scope))
        const left: readonly StoredDataKey[] = await store.dataKeys.list({ ...all, owner: row.scope.owner })
        for (const each of left) await store.dataKeys.remove(each.id, each.scope)
        expect(await stored()).not.toContain(row.scope.owner)
        return line.isEnded()
      }))

    test('[N17] becomes active or retired when the change is made again, wherever the first one ended', () =>
      endEach(async (after) => {
        const { store, ending, line } = await stores()
        const row = await store.dataKeys.insert(sampleDataKey())
        line.endAfter(after)
        const retired = { ...row, state: 'retired', revision: row.revision + 1 } as const
        await unlessEnded(() => ending.dataKeys.replace(retired, { ifRevision: row.revision }))
        const found = await store.dataKeys.find(row.id, row.scope)
        if (found === undefined) throw new Error('The data key is gone.')
        if (found.state === 'active') {
          const again = { ...found, state: 'retired', revision: found.revision + 1 } as const
          expect(await store.dataKeys.replace(again, { ifRevision: found.revision })).toBe(true)
        }
        expect(await store.dataKeys.active(row.scope)).toBeUndefined()
        const next = sampleDataKey({ label: 'next' })
        expect(await store.dataKeys.insert(next)).toEqual(next)
        return line.isEnded()
      }))

    test('is refused where its id belongs to another scope', async () => {
      const { store } = await stores()
      const row = await store.dataKeys.insert(sampleDataKey())
      const other = sampleDataKey({ scope: { ...row.scope, owner: 'bob' } })
      expect(other.id).toBe(row.id)
      await expect(store.dataKeys.insert(other)).rejects.toMatchObject({ code: 'VAULT_STORE_FAILED', retryable: false })
      expect(await store.dataKeys.find(other.id, other.scope)).toBeUndefined()
      expect(await store.dataKeys.active(other.scope)).toBeUndefined()
    })
  },
)
