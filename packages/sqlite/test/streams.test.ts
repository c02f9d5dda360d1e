// The list of streams: what it names, and when each stream was last written.
import { sampleAuditRow } from '@mcpvault/core/testing'
import { describe, expect, test } from 'vitest'
import { drivers, freshStore, plainDatabase } from './support/databases.ts'

const stream = 'a'.repeat(32)
const dayMs = 86_400_000
const noon = Date.UTC(2026, 0, 2, 12)

describe.each(drivers)('streams with %s', (driver) => {
  const rowAt = (sequence: number, atMs: number) =>
    sampleAuditRow({ stream, sequence, columns: { at: new Date(atMs) } })

  test('a stream whose last row was deleted is still named, so that verification finds the gap', async () => {
    const { store, path } = await freshStore(driver)
    await store.audit.append([rowAt(0, noon), rowAt(1, noon)])
    const database = plainDatabase(path, driver)
    database.prepare('DELETE FROM mcpvault_audit WHERE sequence = 1').run()
    const [info] = await store.audit.streams({ limit: 10 })
    expect(info).toMatchObject({ stream, lastSequence: 1, isClosed: false })
    expect(info?.lastMac).toHaveLength(0)
  })

  test('a stream is active on the day of its newest row, whichever order its rows come in', async () => {
    const { store } = await freshStore(driver)
    await store.audit.append([rowAt(0, noon)])
    await store.audit.append([rowAt(1, noon + 2 * dayMs)])
    await store.audit.append([rowAt(2, noon + dayMs)])
    const isActiveSince = async (ms: number): Promise<boolean> =>
      (await store.audit.streams({ limit: 10, activeSince: new Date(ms) })).length === 1
    expect(await isActiveSince(noon)).toBe(true)
    expect(await isActiveSince(noon + 2 * dayMs)).toBe(true)
    expect(await isActiveSince(noon + 2 * dayMs + 1)).toBe(false)
    const [info] = await store.audit.streams({ limit: 10 })
    expect(info).toMatchObject({ firstAt: new Date(noon), lastAt: new Date(noon + 2 * dayMs), lastSequence: 2 })
  })
})
