// Listening that begins late: what changed before it is notified as everything.
import type { StoreChange } from '@mcpvault/core'
import { sampleSecret } from '@mcpvault/core/testing'
import { describeWith, startPostgres } from '@mcpvault/testkit'
import { eventually } from '@mcpvault/testkit/eventually'
import { expect, test } from 'vitest'
import { freshPool, freshStore, poolOn } from './support/stores.ts'

describeWith('listening to Postgres', startPostgres, (server) => {
  test('[A27] that had to wait for a connection tells that changes were missed', async () => {
    const pool = await freshPool(server())
    const narrow = poolOn(String(pool.options.connectionString), { max: 1 })
    const { store, open } = await freshStore(pool, { watch: true })
    const taken = await narrow.connect()
    const changes: StoreChange[] = []
    const end = open({ pool: narrow }).watch?.((change) => changes.push(change))
    await store.secrets.put(sampleSecret(), { ifRevision: 0 })
    taken.release()
    await eventually(() => expect(changes).toContainEqual({ kind: 'everything' }))
    end?.()
    await narrow.end()
    await pool.end()
  })
})
