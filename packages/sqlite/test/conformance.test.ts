// The store keeps every promise of the contract, on each driver.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Clock, systemClock } from '@mcpvault/core'
import { type StoreUnderTest, storeConformance } from '@mcpvault/core/testing'
import { describe, test } from 'vitest'
import { type SqliteDriver, sqliteStore } from '../src/index.ts'
import { drivers } from './support/databases.ts'

describe.each(drivers)('[S43] conformance on %s', (driver) => {
  for (const conformanceCase of storeConformance) {
    test(conformanceCase.name, () => conformanceCase.run(() => storeUnderTest(driver)))
  }
})

async function storeUnderTest(driver: SqliteDriver): Promise<StoreUnderTest> {
  const folder = mkdtempSync(join(tmpdir(), 'mcpvault-sqlite-'))
  let aheadMs = 0
  const clock: Clock = { ...systemClock, now: () => new Date(Date.now() + aheadMs) }
  const open = () => sqliteStore({ path: join(folder, 'vault.db') }, { driver, clock })
  const store = open()
  const opened = [store]
  await store.migrate()
  return {
    store,
    async reopen() {
      const again = open()
      opened.push(again)
      return again
    },
    advance(milliseconds) {
      aheadMs += milliseconds
    },
    async cleanup() {
      for (const each of opened) each.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
