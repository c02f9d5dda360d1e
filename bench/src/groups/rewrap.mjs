// rewrap of many data keys, against hand-written batches that open each key again.
import { createVault, generateKey, keyRing } from '@mcpvault/core'
import { wholeOptions } from '../effort.mjs'
import { rewrapByHand } from '../floor/rewrap.mjs'
import { onEachStore } from '../key-tables.mjs'
import { raceWholes } from '../rounds.mjs'
import { raceRows } from '../rows.mjs'
import { forEachTurn, value } from '../vaults.mjs'

const keyCount = { full: 2_000, smoke: 16 }

/** @param {{ readonly effort: import('../effort.mjs').Effort }} input */
export function run({ effort }) {
  return rewrapMany({ count: keyCount[effort], options: wholeOptions(effort), goal: 'rewrap' })
}

/**
 * @param {object} race
 * @param {number} race.count how many data keys
 * @param {{ readonly rounds: number, readonly warmUps: number }} race.options
 * @param {string} race.goal what the names of the goals begin with
 */
export async function rewrapMany({ count, options, goal }) {
  const rows = await onEachStore(({ id, ...parts }) => compare({ ...parts, count, options, goal: `${goal}-${id}` }))
  return { rows, notes: [`${count} data keys; the time is that of one key.`] }
}

async function compare({ store, table, name, count, options, goal }) {
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
    options,
  )
  return raceRows({ work: `rewrap, ${name}`, results, goals: { vault: goal } })
}
