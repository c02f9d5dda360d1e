// The store keeps every promise of the contract on a real server, as a replica set and standing alone.
import { storeConformance } from '@mcpvault/core/testing'
import { test } from 'vitest'
import { describeOnEach } from './support/deployments.ts'
import { freshStore } from './support/stores.ts'

describeOnEach(
  (name) => `[N7][S43] conformance on ${name}`,
  ({ client }) => {
    for (const conformanceCase of storeConformance) {
      test(conformanceCase.name, () =>
        conformanceCase.run(async () => {
          const isWatched = conformanceCase.name.startsWith('watch')
          const { store, open, drop } = await freshStore(client(), isWatched ? { watch: { pollMs: 50 } } : {})
          return { store, reopen: () => open(), cleanup: drop }
        }),
      )
    }
  },
)
