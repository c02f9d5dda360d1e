// Faults and broken connections on a real server, with transactions and without, under a vault that loses nothing it acknowledged.
import { describeWith, startMongo } from '@mcpvault/testkit'
import { cutSuite, faultSuite } from '@mcpvault/testkit/campaign'
import { afterAll, beforeAll } from 'vitest'
import { proxiedServer } from './support/proxied.ts'
import { freshStore } from './support/stores.ts'

for (const standalone of [false, true]) {
  describeWith(
    standalone ? 'a vault on a standalone MongoDB' : 'a vault on a MongoDB replica set',
    () => startMongo({ standalone }),
    (server) => {
      let parts: Awaited<ReturnType<typeof proxiedServer>>
      beforeAll(async () => {
        parts = await proxiedServer(server())
      })
      afterAll(() => parts.close())

      faultSuite({
        // Its collections stay: they have a prefix of their own, and the server goes with the test.
        open: async () => ({ store: (await freshStore(parts.client)).store, drop: async () => {} }),
        faults: 4,
        randomRuns: 4,
      })
      cutSuite({ open: () => parts.proxiedStore(), faults: 4 })
    },
  )
}
