// The vault in the process against secrets over HTTP: a service on the same Postgres, and OpenBao in memory.
import { join } from 'node:path'
import { sqliteStore } from '@mcpvault/sqlite'
import { concurrently } from '../callers.mjs'
import { race } from '../rounds.mjs'
import { raceRows } from '../rows.mjs'
import { baoPeer } from '../servers/bao-peer.mjs'
import { httpPeer } from '../servers/http-peer.mjs'
import { onPostgres, poolSize } from '../servers/postgres.mjs'
import { fillScope, inTemporaryFolder, vaultOn } from '../vaults.mjs'

const secrets = 100
const callers = 32
const value = 'a secret value. a secret value. '
const effort = { full: { rounds: 21, turnMs: 100 }, smoke: { rounds: 2, turnMs: 2 } }

/** @param {{ readonly effort: import('../arguments.mjs').Effort }} input */
export function run(input) {
  const options = effort[input.effort]
  return inTemporaryFolder((folder) =>
    onPostgres(async ({ pool, store, url }) => {
      const file = sqliteStore({ path: join(folder, 'vault.db') })
      await file.migrate()
      const vaults = [vaultOn(store, 'required'), vaultOn(file, 'buffered')]
      const [onServer, embedded] = vaults.map((vault) => vault.as({ id: 'alice' }).scope({ server: 'github' }))
      const names = await fillScope(onServer, secrets)
      await fillScope(embedded, secrets)
      const http = await httpPeer({ pool, url, names, value, connections: poolSize })
      const bao = await baoPeer({ names, value })
      const nameAt = (turn) => names[turn % secrets]
      const many = (name, call) => concurrently({ name, callers, call })
      const rows = [
        ...raceRows({
          work: `read, ${callers} callers, HTTP service`,
          results: await race(
            [
              many('HTTP service', (turn) => http.get(nameAt(turn))),
              many('Postgres, audit required', (turn) => onServer.get(nameAt(turn))),
            ],
            options,
          ),
          goals: { 'Postgres, audit required': 1 / 2.5 },
        }),
        ...raceRows({
          work: `read, ${callers} callers, OpenBao`,
          results: await race(
            [
              many('OpenBao', (turn) => bao.get(nameAt(turn))),
              many('Postgres, audit required', (turn) => onServer.get(nameAt(turn))),
            ],
            options,
          ),
          goals: { 'Postgres, audit required': 1 / 1.8 },
        }),
        ...(await alone({ bao, http, embedded, nameAt, options })),
        ...raceRows({
          work: `write, ${callers} callers, OpenBao`,
          results: await race(
            [
              many('OpenBao, in memory', (turn) => bao.put(nameAt(turn), `${value}${turn}`)),
              many('Postgres, audit required', (turn) => onServer.set(nameAt(turn), `${value}${turn}`)),
            ],
            options,
          ),
          goals: { 'Postgres, audit required': 1 },
        }),
      ]
      await bao.close()
      await http.close()
      for (const vault of vaults) await vault.close()
      file.close()
      return {
        rows,
        notes: [
          'Each service runs in a process of its own; requests go over connections that are kept open.',
          'Goals are ratios of time: 0.40 x is 2.5 times the throughput.',
        ],
      }
    }),
  )
}

/** One caller: the embedded store against both services. */
async function alone({ bao, http, embedded, nameAt, options }) {
  const [ofBao, ofHttp, ofSqlite] = await race(
    [
      { name: 'OpenBao', run: (turn) => bao.get(nameAt(turn)) },
      { name: 'HTTP service', run: (turn) => http.get(nameAt(turn)) },
      { name: 'SQLite, audit buffered', run: (turn) => embedded.get(nameAt(turn)) },
    ],
    options,
  )
  const goalOf = (factor) => ({ 'SQLite, audit buffered': 1 / factor })
  return [
    ...raceRows({ work: 'read, 1 caller, OpenBao', results: [ofBao, ofSqlite], goals: goalOf(15) }),
    ...raceRows({ work: 'read, 1 caller, HTTP service', results: [ofHttp, ofSqlite], goals: goalOf(20) }),
  ]
}
