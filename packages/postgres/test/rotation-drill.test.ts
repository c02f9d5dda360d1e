// A master key, and every data key, exchanged under a vault in use by workers that are killed all the time.
import { generateKey } from '@mcpvault/core'
import { describeWith, startPostgres } from '@mcpvault/testkit'
import { type DrillSetting, drillSuite } from '@mcpvault/testkit/drill'
import type pg from 'pg'
import { afterAll, beforeAll } from 'vitest'
import { type DrillKeys, keysOf } from './support/drill-keys.ts'
import type { DrillAddress } from './support/drill-program.ts'
import { freshPool, freshStore } from './support/stores.ts'

const program = { entry: new URL('support/drill-program.ts', import.meta.url), external: ['pg'] }

describeWith('a vault on Postgres', startPostgres, (server) => {
  let pool: pg.Pool
  beforeAll(async () => {
    pool = await freshPool(server(), { max: 20 })
  })
  afterAll(() => pool.end())

  const inSchema = async (keys: Keys): ReturnType<DrillSetting<DrillAddress>['open']> => {
    const { store, schema, drop } = await freshStore(pool)
    const url = String(pool.options.connectionString)
    return {
      store,
      before: keysOf(keys.before),
      async rotate() {
        const rotated = await keys.rotate()
        return { keys: keysOf(rotated), address: { url, schema, keys: rotated } }
      },
      retire: async () => keysOf(await keys.retire()),
      cleanup: async () => void (await drop()),
    }
  }

  drillSuite<DrillAddress>({
    label: 'with keys in the process',
    program,
    open: () => inSchema(ringKeys()),
    population: { secrets: 1_000, owners: 250 },
    tasks: ['rewrap', 'rekey'],
  })
})

interface Keys {
  readonly before: DrillKeys
  rotate(): Promise<DrillKeys>
  retire(): Promise<DrillKeys>
}

function ringKeys(): Keys {
  const [older, newer] = [generateKey(), generateKey()]
  return {
    before: { kind: 'ring', current: 'main#1', keys: { 'main#1': older } },
    rotate: async () => ({ kind: 'ring', current: 'main#2', keys: { 'main#1': older, 'main#2': newer } }),
    retire: async () => ({ kind: 'ring', current: 'main#2', keys: { 'main#2': newer } }),
  }
}
