// rewrap of many data keys, against hand-written batches that open each key again.
import { join } from 'node:path'
import { createVault, generateKey, keyRing } from '@mcpvault/core'
import { redisStore } from '@mcpvault/redis'
import { sqliteStore } from '@mcpvault/sqlite'
import { Redis } from 'ioredis'
import { wholeOptions } from '../effort.mjs'
import { postgresKeys, redisKeys, rewrapByHand, sqliteKeys } from '../floor/rewrap.mjs'
import { loadTestkit } from '../internals.mjs'
import { raceWholes } from '../rounds.mjs'
import { raceRows } from '../rows.mjs'
import { onPostgres } from '../servers/postgres.mjs'
import { forEachTurn, inTemporaryFolder, value } from '../vaults.mjs'

const keyCount = { full: 2_000, smoke: 16 }

/** @param {{ readonly effort: import('../effort.mjs').Effort }} input */
export async function run({ effort }) {
  const rows = [...(await onPostgresServer(effort)), ...(await onSqlite(effort)), ...(await onRedis(effort))]
  return { rows, notes: [`${keyCount[effort]} data keys; the time is that of one key.`] }
}

function onPostgresServer(effort) {
  return onPostgres(async ({ pool, store }) =>
    compare({ effort, store, table: await postgresKeys(pool), name: 'Postgres', goal: 'rewrap-postgres' }),
  )
}

function onSqlite(effort) {
  return inTemporaryFolder(async (folder) => {
    const store = sqliteStore({ path: join(folder, 'vault.db') })
    await store.migrate()
    const table = sqliteKeys(join(folder, 'floor.db'))
    const rows = await compare({ effort, store, table, name: 'SQLite', goal: 'rewrap-sqlite' })
    table.close()
    store.close()
    return rows
  })
}

async function onRedis(effort) {
  const { startRedis } = await loadTestkit()
  const server = await startRedis()
  const client = new Redis(server.url)
  try {
    const store = redisStore({ client })
    await store.migrate()
    return await compare({ effort, store, table: redisKeys(client), name: 'Redis', goal: 'rewrap-redis' })
  } finally {
    client.disconnect()
    await server.stop()
  }
}

async function compare({ effort, store, table, name, goal }) {
  const count = keyCount[effort]
  const keys = { 'main#1': generateKey(), 'main#2': generateKey() }
  const ids = Object.keys(keys)
  // Each round puts every key under the KEK that the round before has left.
  const vaultAt = (round) =>
    createVault({
      keys: keyRing({ current: ids[round % 2], keys }),
      store,
      policy: { roles: { operator: [{ allow: ['operate'] }] } },
    })
  const first = vaultAt(1)
  await forEachTurn(
    (turn) =>
      first
        .as({ id: `user-${turn}` })
        .scope({ server: 'github' })
        .set('TOKEN', value),
    count,
  )
  await first.close()
  const byHand = await rewrapByHand(table, count)
  const results = await raceWholes(
    [
      { name: 'batches by hand', operations: count, prepare: (round) => (round + 1) % 2, run: byHand },
      {
        name: 'vault',
        operations: count,
        prepare: vaultAt,
        async run(vault) {
          const report = await vault.operator({ id: 'operator', roles: ['operator'] }).rewrap()
          if (report.rewrapped < count) throw new Error(`${report.rewrapped} of ${count} keys were rewrapped.`)
        },
        finish: (vault) => vault.close(),
      },
    ],
    wholeOptions(effort),
  )
  return raceRows({ work: `rewrap, ${name}`, results, goals: { vault: goal } })
}
