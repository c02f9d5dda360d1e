// What the processes of the rotation drill run: a vault in a schema, with the keys that the test gives.
import { drillJobs, serveJobs } from '@mcpvault/testkit/drill/worker'
import { postgresStore } from '../../src/index.ts'
import { type DrillKeys, keysOf } from './drill-keys.ts'
import { poolOn } from './stores.ts'

export interface DrillAddress {
  readonly url: string
  readonly schema: string
  readonly keys: DrillKeys
}

serveJobs(
  drillJobs(async ({ url, schema, keys }: DrillAddress) => {
    const pool = poolOn(url)
    return { store: postgresStore({ pool, schema }), keys: keysOf(keys), close: () => pool.end() }
  }),
)
