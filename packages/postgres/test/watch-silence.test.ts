// A listening connection whose other end is gone is noticed, and reconnected.
import { describeWith, startPostgres, startProxy } from '@mcpvault/testkit'
import { eventually } from '@mcpvault/testkit/eventually'
import { silenceSuite } from '@mcpvault/testkit/history'
import { expect } from 'vitest'
import { freshPool, freshStore, poolOn } from './support/stores.ts'

describeWith('Postgres', startPostgres, (server) => {
  silenceSuite('Postgres', {
    async open({ clock }) {
      const pool = await freshPool(server())
      const proxy = await startProxy(server())
      const address = new URL(String(pool.options.connectionString))
      address.port = String(proxy.port)
      const proxied = poolOn(address.href)
      const { store, open } = await freshStore(pool, { watch: true })
      const { watch } = open({ pool: proxied, clock })
      if (watch === undefined) throw new Error('The store does not listen.')
      return {
        store,
        listening: { watch },
        proxy,
        async close() {
          // What listened is closed, and what came too late rests in the pool.
          await eventually(() => expect(proxied.totalCount).toBe(proxied.idleCount))
          await proxied.end()
          await pool.end()
        },
      }
    },
  })
})
