// get and set on Postgres, alone and with many callers, against the same guarantees by hand on the same pool.
import { raceOptions } from '../effort.mjs'
import { postgresFloor } from '../floor/postgres.mjs'
import { compareIndexes } from '../floor/postgres-tables.mjs'
import { race } from '../rounds.mjs'
import { raceRows } from '../rows.mjs'
import { onPostgres, poolSize } from '../servers/postgres.mjs'
import { callers, fillScope, forEachTurn, nameAt, refAt, scopeOf, value, vaultOn } from '../vaults.mjs'

/** @param {{ readonly effort: import('../effort.mjs').Effort }} input */
export function run({ effort }) {
  return onPostgres(async ({ pool, store }) => {
    const vaults = [vaultOn(store, 'buffered'), vaultOn(store, 'required')]
    const [buffered, required] = vaults.map(scopeOf)
    await fillScope(required)
    const floor = await postgresFloor(pool)
    await forEachTurn((turn) => floor.setGrouped(refAt(turn), value))
    if ((await floor.getGrouped(refAt(1))) !== value) throw new Error('The floor does not give what it was given.')
    await pool.query('ANALYZE')

    const bare = {
      name: 'bare SELECT',
      run: (turn) => pool.query({ name: 'bare', text: bareSelect, values: ['alice', 'github', nameAt(turn)] }),
    }
    const races = [
      {
        work: `get, ${callers} callers`,
        goals: { 'audit required': 'postgres-get-32' },
        contestants: [
          { name: 'grouped floor', callers, run: (turn) => floor.getGrouped(refAt(turn)) },
          { name: 'audit required', callers, run: (turn) => required.get(nameAt(turn)) },
          { name: 'audit buffered', callers, run: (turn) => buffered.get(nameAt(turn)) },
          { ...bare, callers },
        ],
      },
      {
        work: 'get, 1 caller',
        goals: { 'audit required': 'postgres-get-1' },
        contestants: [
          { name: 'floor', run: (turn) => floor.get(refAt(turn)) },
          { name: 'audit required', run: (turn) => required.get(nameAt(turn)) },
          bare,
        ],
      },
      {
        work: 'get, buffered, 1 caller',
        goals: { 'audit buffered': 'postgres-get-buffered' },
        contestants: [
          { name: 'floor', run: (turn) => floor.getBuffered(refAt(turn)) },
          { name: 'audit buffered', run: (turn) => buffered.get(nameAt(turn)) },
        ],
      },
      {
        work: `set, ${callers} callers`,
        goals: { 'audit required': 'postgres-set-32' },
        contestants: [
          { name: 'grouped floor', callers, run: (turn) => floor.setGrouped(refAt(turn), `${value}${turn}`) },
          { name: 'audit required', callers, run: (turn) => required.set(nameAt(turn), `${value}${turn}`) },
        ],
      },
      {
        work: 'set, 1 caller',
        goals: { 'audit required': 'postgres-set-1' },
        contestants: [
          { name: 'floor', run: (turn) => floor.set(refAt(turn), `${value}${turn}`) },
          { name: 'audit required', run: (turn) => required.set(nameAt(turn), `${value}${turn}`) },
        ],
      },
    ]
    const rows = []
    for (const { work, goals, contestants } of races) {
      rows.push(...raceRows({ work, results: await race(contestants, raceOptions(effort)), goals }))
    }
    await floor.flush()
    for (const vault of vaults) await vault.close()
    return {
      rows,
      notes: [
        `A pool of ${poolSize}, fsync on, values of 32 bytes; each set keeps ten versions.`,
        'Many callers: the time of one call as the throughput of all gives it, so 2 x is half the throughput.',
        await compareIndexes(pool),
      ],
    }
  })
}

const bareSelect = 'SELECT version, record FROM floor_secrets WHERE owner = $1 AND server = $2 AND name = $3'
