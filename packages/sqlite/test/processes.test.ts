// Several processes on one file: they migrate together, lose no write, and keep what they acknowledged when killed.
import { join } from 'node:path'
import { sampleRef, sampleSecret } from '@mcpvault/core/testing'
import { beforeAll, describe, expect, test } from 'vitest'
import { drivers, freshStore, openStore, temporaryFolder } from './support/databases.ts'
import { buildWorker, runWorker } from './support/processes.ts'

const labels = ['a', 'b', 'c']
const timesEach = 200
const killRounds = 8
/** More than any process gets done before it is killed, however late that is. */
const limit = 1_000_000

beforeAll(buildWorker)

describe.each(drivers)('several processes with %s', (driver) => {
  test('[A10] of processes that migrate a new file at once, one takes the steps and all go on', async () => {
    const path = join(temporaryFolder(), 'vault.db')
    const printed = await Promise.all(labels.map(() => runWorker({ job: 'migrate', driver, path })))
    const applied = printed.flat().map((line) => JSON.parse(line).applied)
    expect(applied.sort()).toEqual([[], [], [1]])
  })

  test('[N6] writes at once through compare-and-swap lose nothing', async () => {
    const { store, path } = await freshStore(driver)
    await store.secrets.put(sampleSecret(), { ifRevision: 0 })
    await Promise.all(labels.map((label) => runWorker({ job: 'count', driver, path, label, times: timesEach })))
    const record = await store.secrets.find(sampleRef(), 'current')
    expect(record?.revision).toBe(1 + labels.length * timesEach)
    const streams = await store.audit.streams({ limit: 10 })
    expect(streams.map(({ stream, lastSequence }) => [stream, lastSequence])).toEqual(
      labels.map((label) => [label, timesEach - 1]),
    )
    for (const label of labels) {
      const rows = await store.audit.readStream(label, { limit: 1000, afterSequence: -1 })
      expect(rows.map(({ sequence }) => sequence)).toEqual(Array.from({ length: timesEach }, (_, at) => at))
    }
  })

  test('[A27] another process sees a write at once', async () => {
    const { store, path } = await freshStore(driver)
    await store.secrets.put(sampleSecret(), { ifRevision: 0 })
    expect(store.secrets.find(sampleRef(), 'current')).toMatchObject({ revision: 1 })
    await runWorker({ job: 'count', driver, path })
    expect(store.secrets.find(sampleRef(), 'current')).toMatchObject({ revision: 2 })
  })

  test.each(['add', 'add concurrently'] as const)(
    'every write that was acknowledged is there after kill -9 (%s), whole and with its audit row',
    async (job) => {
      const { path } = await freshStore(driver)
      const acknowledged: string[] = []
      for (let round = 0; round < killRounds; round += 1) {
        let left = 3 + ((round * 7) % 13)
        const lines = await runWorker({
          job,
          driver,
          path,
          label: `round-${round}`,
          times: 10_000,
          onLine: (_line, child) => {
            left -= 1
            if (left === 0) child.kill('SIGKILL')
          },
        })
        expect(left).toBeLessThanOrEqual(0)
        acknowledged.push(...lines)
        const store = openStore({ path, driver })
        expect(await store.integrity()).toEqual([])
        for (const name of acknowledged) {
          const record = await store.secrets.find(sampleRef({ name }), 'current')
          expect(record?.versions[0]?.envelope, name).toBeDefined()
        }
        // What was not acknowledged is there with its audit row and its list entry, or not at all.
        const rows = await store.audit.query({}, { limit })
        const listed = await store.secrets.list({ tagsAny: ['added'], limit })
        expect(listed).toHaveLength(rows.length)
        expect(rows.length).toBeGreaterThanOrEqual(acknowledged.length)
        store.close()
      }
    },
  )
})
