// A vault on SQLite does what a vault does on every store.
import { join } from 'node:path'
import { vaultSuite } from '@mcpvault/testkit/suites'
import { drivers, openStore, temporaryFolder } from './support/databases.ts'
import { tamperWith } from './support/tamper.ts'

for (const driver of drivers) {
  vaultSuite({
    name: driver,
    setting: {
      tenantOperations: 10_000,
      async open() {
        const path = join(temporaryFolder(), 'vault.db')
        const opened = [openStore({ path, driver })]
        const [store] = opened
        if (store === undefined) throw new Error('No store was opened.')
        await store.migrate()
        return {
          store,
          tamper: tamperWith(path, driver),
          async reopen() {
            const again = openStore({ path, driver })
            opened.push(again)
            return again
          },
          async cleanup() {
            for (const each of opened) each.close()
          },
        }
      },
    },
  })
}
