// copyVault from SQLite to Postgres, with a trail as long as the secrets are many, against hand-written batches.
import { join } from 'node:path'
import { copyVault } from '@mcpvault/core'
import { sqliteStore } from '@mcpvault/sqlite'
import { wholeOptions } from '../effort.mjs'
import { copyByHand } from '../floor/copy.mjs'
import { createTables } from '../floor/postgres-tables.mjs'
import { sqliteFloor } from '../floor/sqlite.mjs'
import { raceWholes } from '../rounds.mjs'
import { raceRows } from '../rows.mjs'
import { onPostgres, openPool, openStore } from '../servers/postgres.mjs'
import { openSqlite } from '../sqlite.mjs'
import { forEachTurn, inTemporaryFolder, scopeOf, value, vaultOn } from '../vaults.mjs'

const secretCount = { full: 5_000, smoke: 20 }

/** @param {{ readonly effort: import('../effort.mjs').Effort }} input */
export function run({ effort }) {
  const count = secretCount[effort]
  return inTemporaryFolder((folder) =>
    onPostgres(async ({ newDatabase }) => {
      const database = openSqlite(join(folder, 'vault.db'), 'OFF')
      const from = sqliteStore({ database })
      await from.migrate()
      await fillVault(from, count)
      const floor = sqliteFloor({ path: join(folder, 'floor.db'), synchronous: 'OFF' })
      floor.setAll(
        Array.from({ length: count }, (_, index) => ({ owner: 'alice', server: 'github', name: `SECRET_${index}` })),
        value,
      )
      const results = await raceWholes(
        [
          {
            name: 'batches by hand',
            operations: count,
            async prepare() {
              const pool = openPool(await newDatabase())
              await pool.query(createTables)
              return pool
            },
            run: (pool) => copyByHand({ database: floor.database, pool }),
            finish: (pool) => pool.end(),
          },
          {
            name: 'copyVault',
            operations: count,
            prepare: async () => openStore(await newDatabase()),
            async run({ store }) {
              const { secrets } = await copyVault({ from, to: store })
              if (secrets !== count) throw new Error(`${secrets} of ${count} secrets were copied.`)
            },
            finish: ({ pool }) => pool.end(),
          },
        ],
        wholeOptions(effort),
      )
      await floor.close()
      from.close()
      database.close()
      return {
        rows: raceRows({ work: 'copy, SQLite to Postgres', results, goals: { copyVault: 'copy-vault' } }),
        notes: [
          `${count} secrets of one version, each with its audit row; the time is that of one secret.`,
          'Both read the two sides again at the end, and compare them.',
        ],
      }
    }),
  )
}

async function fillVault(store, count) {
  const vault = vaultOn(store, 'required')
  const scope = scopeOf(vault)
  await scope.set('SECRET_0', value)
  await forEachTurn(async (turn) => turn > 0 && scope.set(`SECRET_${turn}`, value), count)
  await vault.close()
}
