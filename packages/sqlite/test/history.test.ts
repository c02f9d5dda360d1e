// Several processes on one file see one history, and forget data keys that one of them destroyed.
import { historySuite, type ProcessSetting, stalenessSuite } from '@mcpvault/testkit/history'
import { drivers, freshStore } from './support/databases.ts'
import type { FileAddress } from './support/vault-program.ts'

for (const driver of drivers) {
  const setting: ProcessSetting<FileAddress> = {
    program: { entry: new URL('support/vault-program.ts', import.meta.url), external: ['libsql'] },
    watch: false,
    async open() {
      const { store, path } = await freshStore(driver)
      return { store, address: { path, driver }, cleanup: async () => {} }
    },
  }
  historySuite(driver, setting)
  stalenessSuite(driver, setting)
}
