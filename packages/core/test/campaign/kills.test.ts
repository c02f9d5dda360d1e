// A process that ends between any two calls of its store, with and without transactions.
import { endingStore, killSuite, lifeline } from '@mcpvault/testkit/campaign'
import { describe } from 'vitest'
import { manualClock } from '../../src/testing/index.ts'
import { storeWith } from './fault-campaign.ts'

describe.each([true, false])('a vault in memory, transactions: %s', (transactions) => {
  killSuite({
    async open() {
      const plain = storeWith({ transactions })(manualClock())
      const line = lifeline()
      return { plain, line, ending: endingStore(plain, line), close: async () => {} }
    },
    erasureKills: 12,
  })
})
