// A process that ends between any two calls of its store, each of which is one transaction.
import { endingStore, killSuite, lifeline } from '@mcpvault/testkit/campaign'
import { describe } from 'vitest'
import { sqliteStore } from '../src/index.ts'
import { drivers } from './support/databases.ts'

describe.each(drivers)('a vault on %s', (driver) => {
  killSuite({
    async open() {
      const plain = sqliteStore({ path: ':memory:' }, { driver })
      await plain.migrate()
      const line = lifeline()
      return { plain, line, ending: endingStore(plain, line), close: async () => plain.close() }
    },
    erasureKills: 8,
  })
})
