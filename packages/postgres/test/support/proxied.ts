// A store that reaches its server through a proxy, and the way around it.
import { type PostgresServer, startProxy } from '@mcpvault/testkit'
import type { ProxiedStore } from '@mcpvault/testkit/campaign'
import { eventually } from '@mcpvault/testkit/eventually'
import type pg from 'pg'
import { expect } from 'vitest'
import { postgresStore } from '../../src/index.ts'
import { freshStore, poolOn, quiet } from './stores.ts'

let pools = 0

export async function proxiedStore(server: PostgresServer, direct: pg.Pool): Promise<ProxiedStore> {
  pools += 1
  const name = `proxied ${pools}`
  const { schema, store: plain, drop } = await freshStore(direct)
  const proxy = await startProxy(server)
  const address = new URL(String(direct.options.connectionString))
  address.port = String(proxy.port)
  const pool = poolOn(address.href, { application_name: name })

  /** The server's ends of our connections, and how many of them are at work. */
  async function backends() {
    const text =
      "SELECT count(*)::int AS open, count(*) FILTER (WHERE state <> 'idle')::int AS busy FROM pg_stat_activity WHERE application_name = $1"
    const { rows } = await direct.query<{ open: number; busy: number }>(text, [name])
    return rows[0]
  }

  return {
    proxied: postgresStore({ pool, schema, logger: quiet }),
    plain,
    proxies: [proxy],
    decided: () =>
      eventually(
        async () => {
          const { open, busy } = (await backends()) ?? {}
          expect(busy).toBe(0)
          // A connection that broke is open at the server for as long as its last statement takes.
          expect(open).toBeLessThanOrEqual(proxy.connections())
        },
        { intervalMs: 2 },
      ),
    async close() {
      await pool.end()
      await proxy.stop()
      await drop()
    },
  }
}
