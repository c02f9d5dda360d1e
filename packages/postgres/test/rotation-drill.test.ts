// A master key, and every data key, exchanged under a vault in use by workers that are killed all the time.
import { describeWith, startPostgres, startStoredBao } from '@mcpvault/testkit'
import { type DrillStage, drillSuite } from '@mcpvault/testkit/drill'
import { startKmsEndpoint } from '@mcpvault/testkit/kms'
import type pg from 'pg'
import { afterAll, beforeAll } from 'vitest'
import { keysOf } from './support/drill-keys.ts'
import type { DrillAddress } from './support/drill-program.ts'
import { kmsRotation, type Rotation, ringRotation, transitRotation } from './support/rotations.ts'
import { freshPool, freshStore } from './support/stores.ts'

const program = {
  entry: new URL('support/drill-program.ts', import.meta.url),
  external: ['pg', '@aws-sdk/client-kms'],
}
const fewSecrets = { secrets: 100, owners: 50 }

describeWith('a vault on Postgres', startPostgres, (server) => {
  let pool: pg.Pool
  beforeAll(async () => {
    pool = await freshPool(server(), { max: 20 })
  })
  afterAll(() => pool.end())

  async function stageOf({ before, rotate, retire }: Rotation): Promise<DrillStage<DrillAddress>> {
    const { store, schema, drop } = await freshStore(pool)
    const url = String(pool.options.connectionString)
    return {
      store,
      before: keysOf(before),
      async rotate() {
        const keys = await rotate()
        return { keys: keysOf(keys), address: { url, schema, keys } }
      },
      retire: async () => keysOf(await retire()),
      cleanup: async () => void (await drop()),
    }
  }

  const keysInProcess = {
    label: 'with keys in the process',
    program,
    open: () => stageOf(ringRotation()),
    longPopulation: { secrets: 10_000, owners: 2_500 },
  }
  drillSuite<DrillAddress>({ ...keysInProcess, population: { secrets: 10_000, owners: 500 }, tasks: ['rewrap'] })
  drillSuite<DrillAddress>({ ...keysInProcess, population: { secrets: 1_000, owners: 200 }, tasks: ['rekey'] })

  describeWith('and on KMS', startKmsEndpoint, (service) => {
    drillSuite<DrillAddress>({
      label: 'with a key of KMS',
      program,
      open: () => stageOf(kmsRotation(service())),
      population: fewSecrets,
      longPopulation: { secrets: 10_000, owners: 1_000 },
      tasks: ['rewrap'],
    })
  })

  describeWith('and on a transit engine', startStoredBao, (service) => {
    drillSuite<DrillAddress>({
      label: 'with a transit key',
      program,
      open: async () => stageOf(await transitRotation(service())),
      population: fewSecrets,
      longPopulation: { secrets: 10_000, owners: 1_000 },
      tasks: ['rewrap'],
    })
  })
})
