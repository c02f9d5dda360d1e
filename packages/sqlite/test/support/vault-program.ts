// What the other processes of the tests run: vaults on a file.
import { serveJobs, vaultJobs } from '@mcpvault/testkit/history/worker'
import { type SqliteDriver, sqliteStore } from '../../src/index.ts'

export interface FileAddress {
  readonly path: string
  readonly driver: SqliteDriver
}

const jobs = vaultJobs(async ({ path, driver }: FileAddress) => {
  const store = sqliteStore({ path }, { driver })
  return { store, close: store.close }
})

serveJobs(jobs)
