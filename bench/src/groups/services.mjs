// The vault in the process against what teams write: a secrets service over HTTP, and a key stretched for each record.
import { join } from 'node:path'
import { sqliteStore } from '@mcpvault/sqlite'
import { raceOptions } from '../effort.mjs'
import { stretchedByHand } from '../floor/stretched.mjs'
import { race } from '../rounds.mjs'
import { raceRows } from '../rows.mjs'
import { httpPeer } from '../servers/http-peer.mjs'
import { onPostgres, poolSize } from '../servers/postgres.mjs'
import { callers, fillScope, inTemporaryFolder, nameAt, scopeOf, vaultOn } from '../vaults.mjs'

/** @param {{ readonly effort: import('../effort.mjs').Effort }} input */
export function run({ effort }) {
  const options = raceOptions(effort, { rounds: 11 })
  return inTemporaryFolder((folder) =>
    onPostgres(async ({ pool, store, url }) => {
      const file = sqliteStore({ path: join(folder, 'vault.db') })
      await file.migrate()
      const vaults = [vaultOn(store, 'required'), vaultOn(file, 'buffered')]
      const [onServer, embedded] = vaults.map(scopeOf)
      await fillScope(onServer)
      await fillScope(embedded)
      const http = await httpPeer({ pool, url, connections: poolSize })
      const stretched = await stretchedByHand(pool)

      const service = { name: 'HTTP service', run: (turn) => http.get(nameAt(turn)) }
      const byHand = { name: 'PBKDF2 per record', run: stretched.get }
      const vault = { name: 'Postgres, audit required', run: (turn) => onServer.get(nameAt(turn)) }
      const sqlite = { name: 'SQLite, audit buffered', run: (turn) => embedded.get(nameAt(turn)) }
      const goals = { [vault.name]: 'http-service' }
      const together = (contestants) => contestants.map((contestant) => ({ ...contestant, callers }))
      const rows = [
        ...raceRows({ work: 'read, 32 callers', results: await race(together([service, vault]), options), goals }),
        ...raceRows({ work: 'read, 1 caller', results: await race([service, vault, sqlite], options) }),
        ...raceRows({ work: 'read, by hand, 32 callers', results: await race(together([vault, byHand]), options) }),
        ...raceRows({ work: 'read, by hand, 1 caller', results: await race([vault, byHand], options) }),
      ]
      await http.close()
      for (const each of vaults) await each.close()
      file.close()
      return {
        rows,
        notes: [
          'The service runs in a process of its own on the same Postgres, with no policy and no audit.',
          `By hand: a row of Postgres, and ${stretched.rounds} rounds of PBKDF2 with its salt, off the main thread; no audit.`,
        ],
      }
    }),
  )
}
