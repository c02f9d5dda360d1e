// Every operation of a SQLite store fails once, in every way, under a vault that loses nothing it acknowledged.

import { failEach, scripts } from '@mcpvault/testkit/campaign'
import { describe, expect, it } from 'vitest'
import { type SqliteDriver, sqliteStore } from '../src/index.ts'
import { drivers } from './support/databases.ts'

// Hundreds of runs for each script.
describe.each(drivers)('a vault on %s', { timeout: 180_000 }, (driver) => {
  it.each(scripts)(
    '[S39][S44] no failure of one store call during $label loses what was acknowledged',
    async (script) => {
      const { runs, close } = settingOf(driver)
      try {
        expect(await failEach(script, runs)).toBeGreaterThan(8)
      } finally {
        close()
      }
    },
  )
})

/** Each run gets a database of its own; all are closed at the end. */
function settingOf(driver: SqliteDriver) {
  const opened: { close(): void }[] = []
  return {
    runs: {
      audit: 'required' as const,
      async makeStore() {
        const store = sqliteStore({ path: ':memory:' }, { driver })
        opened.push(store)
        await store.migrate()
        return store
      },
    },
    close() {
      for (const store of opened) store.close()
    },
  }
}
