// get and set on SQLite, in each audit mode, against the same guarantees by hand in a file of its own.
import { join } from 'node:path'
import { sqliteStore } from '@mcpvault/sqlite'
import { raceOptions } from '../effort.mjs'
import { indexNote } from '../floor/postgres-tables.mjs'
import { sqliteFloor } from '../floor/sqlite.mjs'
import { race } from '../rounds.mjs'
import { raceRows } from '../rows.mjs'
import { openSqlite, sqliteDriver } from '../sqlite.mjs'
import {
  callers,
  fillScope,
  forEachTurn,
  inTemporaryFolder,
  nameAt,
  refAt,
  scopeOf,
  value,
  vaultOn,
} from '../vaults.mjs'

const modes = /** @type {const} */ (['dangerously-off', 'buffered', 'required'])

/** @param {{ readonly effort: import('../effort.mjs').Effort }} input */
export function run({ effort }) {
  return inTemporaryFolder(async (folder) => {
    const path = join(folder, 'vault.db')
    const store = sqliteStore({ path })
    await store.migrate()
    const vaults = modes.map((mode) => vaultOn(store, mode))
    const [off, buffered, required] = vaults.map(scopeOf)
    await fillScope(off)
    const floor = sqliteFloor({ path: join(folder, 'floor.db') })
    await forEachTurn((turn) => floor.set(refAt(turn), value))
    if ((await floor.getGrouped(refAt(1))) !== value) throw new Error('The floor does not give what it was given.')

    const waiting = raceOptions(effort)
    const pairs = [
      {
        work: 'get, SQLite, audit off',
        goal: 'sqlite-get-off',
        options: raceOptions(effort, { clock: 'cpu' }),
        floor: { name: 'floor', run: (turn) => floor.getUnaudited(refAt(turn)) },
        vault: { name: 'vault', run: (turn) => off.get(nameAt(turn)) },
      },
      {
        work: 'get, SQLite, buffered',
        goal: 'sqlite-get-buffered',
        options: waiting,
        floor: { name: 'floor', run: (turn) => floor.getBuffered(refAt(turn)) },
        vault: { name: 'vault', run: (turn) => buffered.get(nameAt(turn)) },
      },
      {
        work: 'get, SQLite, required, 1 caller',
        goal: 'sqlite-get-1',
        options: waiting,
        floor: { name: 'floor', run: (turn) => floor.get(refAt(turn)) },
        vault: { name: 'vault', run: (turn) => required.get(nameAt(turn)) },
      },
      {
        work: `get, SQLite, required, ${callers} callers`,
        goal: 'sqlite-get-32',
        options: waiting,
        floor: { name: 'grouped floor', callers, run: (turn) => floor.getGrouped(refAt(turn)) },
        vault: { name: 'vault', callers, run: (turn) => required.get(nameAt(turn)) },
      },
      {
        work: 'set, SQLite, required, 1 caller',
        goal: 'sqlite-set-1',
        options: waiting,
        floor: { name: 'floor', run: (turn) => floor.set(refAt(turn), `${value}${turn}`) },
        vault: { name: 'vault', run: (turn) => required.set(nameAt(turn), `${value}${turn}`) },
      },
      {
        work: `set, SQLite, required, ${callers} callers`,
        goal: 'sqlite-set-32',
        options: waiting,
        floor: { name: 'vault, 1 caller', run: (turn) => required.set(nameAt(turn), `${value}${turn}`) },
        vault: { name: 'vault', callers, run: (turn) => required.set(nameAt(turn), `${value}${turn}`) },
      },
    ]
    const rows = []
    for (const { work, goal, options, floor: first, vault } of pairs) {
      rows.push(...raceRows({ work, results: await race([first, vault], options), goals: { vault: goal } }))
    }
    for (const vault of vaults) await vault.close()
    store.close()
    const notes = [
      `SQLite through ${sqliteDriver}, synchronous = FULL, values of 32 bytes; each set keeps ten versions.`,
      compareIndexes({ path, floor: floor.database }),
    ]
    await floor.close()
    return { rows, notes }
  })
}

/** @param {{ path: string, floor: any }} files */
function compareIndexes({ path, floor }) {
  const store = openSqlite(path, 'FULL')
  const count = (database, table) =>
    database.prepare(`SELECT count(*) AS indexes FROM sqlite_master WHERE type = 'index' AND tbl_name = ?`).get(table)
      .indexes
  const tables = ['secrets', 'audit'].map((what) => ({
    what,
    store: count(store, `mcpvault_${what}`),
    floor: count(floor, `floor_${what}`),
  }))
  store.close()
  return indexNote(tables)
}
