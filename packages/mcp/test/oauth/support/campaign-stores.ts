// The stores of the campaign: each is new, open to other processes by its address, and ends the locks of killed ones.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock, type VaultStore } from '@mcpvault/core'
import { postgresStore } from '@mcpvault/postgres'
import { sqliteStore } from '@mcpvault/sqlite'
import type { PostgresServer } from '@mcpvault/testkit'
import pg from 'pg'
import type { StoreAddress } from './renew-program.ts'

export interface CampaignStore {
  readonly store: VaultStore
  readonly address: StoreAddress
  /** What the end of the lock of a killed process does, without the wait. */
  endLock(name: string): Promise<void>
  close(): Promise<void>
}

export async function campaignOnSqlite(): Promise<CampaignStore> {
  const folder = mkdtempSync(join(tmpdir(), 'mcpvault-renew-'))
  const path = join(folder, 'vault.db')
  const store = sqliteStore({ path }, { driver: 'libsql' })
  await store.migrate()
  // To this store every lock of the past minutes has ended.
  const later = { ...systemClock, now: () => new Date(Date.now() + 600_000) }
  const laterStore = sqliteStore({ path }, { driver: 'libsql', clock: later })
  return {
    store,
    address: { kind: 'sqlite', path },
    async endLock(name) {
      if (await laterStore.locks.acquire(name, 'the next minutes', 1))
        await laterStore.locks.release(name, 'the next minutes')
    },
    async close() {
      laterStore.close()
      store.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Postgres has a clock of its own, so that the lock is deleted. */
export async function campaignOnPostgres(server: PostgresServer): Promise<CampaignStore> {
  const url = await server.newDatabase()
  const pool = new pg.Pool({ connectionString: url, max: 4 })
  const store = postgresStore({ pool })
  await store.migrate()
  return {
    store,
    address: { kind: 'postgres', url },
    endLock: async (name) => void (await pool.query('DELETE FROM mcpvault_locks WHERE name = $1', [name])),
    close: () => pool.end(),
  }
}
