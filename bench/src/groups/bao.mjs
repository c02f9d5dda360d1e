// The vault in the process against OpenBao: on the same Postgres, on raft, and in memory.
import { join } from 'node:path'
import { sqliteStore } from '@mcpvault/sqlite'
import { raceOptions } from '../effort.mjs'
import { race } from '../rounds.mjs'
import { raceRows } from '../rows.mjs'
import { baoInMemory, baoOnDisk } from '../servers/bao-peer.mjs'
import { onPostgres } from '../servers/postgres.mjs'
import { callers, fillScope, inTemporaryFolder, nameAt, scopeOf, value, vaultOn } from '../vaults.mjs'

/** @param {{ readonly effort: import('../effort.mjs').Effort }} input */
export function run({ effort }) {
  const options = raceOptions(effort, { rounds: 11 })
  return inTemporaryFolder((folder) =>
    onPostgres(async ({ store, newDatabase }) => {
      const file = sqliteStore({ path: join(folder, 'vault.db') })
      await file.migrate()
      const vaults = [vaultOn(store, 'required'), vaultOn(file, 'required'), vaultOn(file, 'buffered')]
      const [onServer, embedded, buffered] = vaults.map(scopeOf)
      await fillScope(onServer)
      await fillScope(embedded)
      const rows = []

      // One after the other, so that no server waits beside those that are measured.
      const compare = async ({ bao, name, pairs }) => {
        for (const { work, goal, theirs, ours } of pairs) {
          const results = await race(
            [
              { name, ...theirs },
              { name: 'vault', ...ours },
            ],
            options,
          )
          rows.push(...raceRows({ work, results, goals: { vault: goal } }))
        }
        await bao.close()
      }
      const many = (run) => ({ callers, run })
      const read = many((turn) => onServer.get(nameAt(turn)))
      const write = many((turn) => onServer.set(nameAt(turn), `${value}${turn}`))
      const writeTo = (bao) => many((turn) => bao.put(turn, `${value}${turn}`))

      const onPostgresToo = await baoOnDisk({ folder, postgresUrl: await newDatabase() })
      await compare({
        bao: onPostgresToo,
        name: 'OpenBao on Postgres',
        pairs: [
          { work: 'read, 32 callers', goal: 'bao-postgres-read', theirs: many(onPostgresToo.get), ours: read },
          { work: 'write, 32 callers', goal: 'bao-postgres-write', theirs: writeTo(onPostgresToo), ours: write },
        ],
      })
      const raft = await baoOnDisk({ folder })
      await compare({
        bao: raft,
        name: 'OpenBao on raft',
        pairs: [
          { work: 'read, 32 callers', goal: 'bao-raft-read', theirs: many(raft.get), ours: read },
          { work: 'write, 32 callers', goal: 'bao-raft-write', theirs: writeTo(raft), ours: write },
          {
            work: 'read, 1 caller, SQLite, required',
            goal: 'bao-raft-alone',
            theirs: { run: raft.get },
            ours: { run: (turn) => embedded.get(nameAt(turn)) },
          },
        ],
      })
      const memory = await baoInMemory()
      await compare({
        bao: memory,
        name: 'OpenBao in memory',
        pairs: [
          {
            work: 'read, 1 caller, SQLite, buffered',
            goal: 'bao-memory',
            theirs: { run: memory.get },
            ours: { run: (turn) => buffered.get(nameAt(turn)) },
          },
        ],
      })

      for (const vault of vaults) await vault.close()
      file.close()
      return {
        rows,
        notes: [
          'With 32 callers the vault is on Postgres with audit required. OpenBao on Postgres and on raft audits to a file.',
          'Its server is a process of its own; requests go over connections that are kept open.',
        ],
      }
    }),
  )
}
