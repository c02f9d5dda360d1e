// Replacements of data keys that meet: one script for many, and an outcome for each.
import type { StoreChange, StoredDataKey } from '@mcpvault/core'
import { sampleDataKey } from '@mcpvault/core/testing'
import { describeWith, startRedis } from '@mcpvault/testkit'
import { eventually } from '@mcpvault/testkit/eventually'
import type { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { keysOf } from '../src/keys.ts'
import { clientOn, freshStore } from './support/stores.ts'

/** Each of another owner. */
const rows: readonly StoredDataKey[] = Array.from({ length: 40 }, (_, index) =>
  sampleDataKey({ label: `key ${index}`, scope: { kind: 'values', owner: `owner ${index}`, server: 'github' } }),
)

describeWith('replacements of data keys on Redis', startRedis, (server) => {
  let client: Redis
  let listener: Redis
  beforeAll(() => {
    client = clientOn(server())
    listener = clientOn(server())
  })
  afterAll(() => {
    for (const each of [client, listener]) each.disconnect()
  })

  async function filled() {
    const opened = await freshStore(client, { subscriber: listener })
    for (const row of rows) await opened.store.dataKeys.insert(row)
    return opened
  }

  /** How many scripts the server has run. */
  async function scriptsRun(): Promise<number> {
    const [, calls] = /cmdstat_evalsha:calls=(\d+)/.exec(await client.info('commandstats')) ?? []
    return Number(calls)
  }

  test('share a script, and each is notified and has its own result', async () => {
    const { store, open } = await filled()
    const [first, ...others] = rows
    if (first === undefined) throw new Error('There are forty.')
    const changes: StoreChange[] = []
    const end = open().watch?.((change) => changes.push(change))
    await eventually(() => expect(changes).toContainEqual({ kind: 'everything' }))
    // The server has the script from here on.
    await store.dataKeys.replace({ ...first, revision: 2 }, { ifRevision: 1 })
    await eventually(() => expect(changes).toContainEqual({ kind: 'dataKey', scope: first.scope }))
    changes.length = 0
    const before = await scriptsRun()
    const isStale = (index: number): boolean => index % 4 === 1
    const done = await Promise.all(
      others.map((row, index) => {
        return store.dataKeys.replace({ ...row, revision: 2 }, { ifRevision: isStale(index) ? 7 : 1 })
      }),
    )
    expect(done).toEqual(others.map((_, index) => !isStale(index)))
    expect((await scriptsRun()) - before).toBe(2)
    const replaced = others.filter((_, index) => !isStale(index))
    await eventually(() =>
      expect(changes).toEqual(expect.arrayContaining(replaced.map(({ scope }) => ({ kind: 'dataKey', scope })))),
    )
    expect(changes).toHaveLength(replaced.length)
    end?.()
  })

  test('fail alone where something else stands in the place of the row, and where another key is active', async () => {
    const { store, prefix } = await filled()
    const [, , altered, retired] = rows
    if (altered === undefined || retired === undefined) throw new Error('There are forty.')
    await client.set(keysOf(prefix).dataKeys(altered.scope), 'something else')
    await store.dataKeys.replace({ ...retired, state: 'retired', revision: 2 }, { ifRevision: 1 })
    await store.dataKeys.insert(sampleDataKey({ label: 'the active one', scope: retired.scope }))
    const outcomes = await Promise.allSettled(
      rows.map((row) => {
        const ifRevision = row === retired ? 2 : 1
        return store.dataKeys.replace({ ...row, revision: ifRevision + 1 }, { ifRevision })
      }),
    )
    const failed = { status: 'rejected', reason: expect.objectContaining({ code: 'VAULT_STORE_FAILED' }) }
    expect(outcomes).toEqual(
      rows.map((row) => (row === altered || row === retired ? failed : { status: 'fulfilled', value: true })),
    )
    expect((await store.dataKeys.find(retired.id, retired.scope))?.state).toBe('retired')
  })

  test('are found by the lists also when somebody has removed these', async () => {
    const { store, prefix } = await filled()
    await client.del(keysOf(prefix).list('keys'))
    expect(await store.dataKeys.list({ limit: 100 })).toEqual([])
    await Promise.all(rows.map((row) => store.dataKeys.replace({ ...row, revision: 2 }, { ifRevision: 1 })))
    expect(await store.dataKeys.list({ limit: 100 })).toHaveLength(40)
  })
})
