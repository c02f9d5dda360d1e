// The store keeps every promise of the contract on a real server, with and without watching.
import { storeConformance } from '@mcpvault/core/testing'
import { describeWith, startPostgres } from '@mcpvault/testkit'
import type pg from 'pg'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { freshPool, freshStore } from './support/stores.ts'

describeWith('[A1][S43] conformance on Postgres', startPostgres, (server) => {
  let pool: pg.Pool
  beforeAll(async () => {
    pool = await freshPool(server())
  })
  afterAll(() => pool.end())

  describe.each([{ watch: false }, { watch: true }])('with $watch watching', (options) => {
    const cases = options.watch
      ? storeConformance.filter(({ name }) => /^(watch|factory|put)/.test(name))
      : storeConformance
    for (const conformanceCase of cases) {
      test(conformanceCase.name, () =>
        conformanceCase.run(async () => {
          const { store, open, drop } = await freshStore(pool, options)
          return { store, reopen: async () => open(), cleanup: async () => void (await drop()) }
        }),
      )
    }
  })
})
