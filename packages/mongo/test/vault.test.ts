// A vault on MongoDB does what a vault does on every store, with transactions and without.
import { vaultSuite } from '@mcpvault/testkit/suites'
import { describeOnEach } from './support/deployments.ts'
import { freshStore } from './support/stores.ts'

describeOnEach(
  (name) => name,
  ({ name, client }) =>
    vaultSuite({
      name,
      setting: {
        pagedSecrets: 1_000,
        // The same code runs on both, and a server alone takes two more commands for each write.
        tenantOperations: name.includes('standalone') ? 800 : 2_000,
        async open() {
          const { store, open, tamper, drop } = await freshStore(client())
          return { store, tamper, reopen: () => open(), cleanup: drop }
        },
      },
    }),
)
