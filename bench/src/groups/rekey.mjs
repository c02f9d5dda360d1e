// rekey of a scope with many secrets, against hand-written batches that seal each value again and open it once more.
import { createVault } from '@mcpvault/core'
import { wholeOptions } from '../effort.mjs'
import { rekeyByHand } from '../floor/rekey.mjs'
import { onEachStore } from '../key-tables.mjs'
import { raceWholes } from '../rounds.mjs'
import { raceRows } from '../rows.mjs'
import { benchKeys, forEachTurn, value } from '../vaults.mjs'

const secretCount = { full: 2_000, smoke: 16 }
const scope = { owner: 'alice', server: 'github' }
const operator = { id: 'operator', roles: ['operator'] }
const hourMs = 3_600_000

/** @param {{ readonly effort: import('../effort.mjs').Effort }} input */
export async function run({ effort }) {
  const count = secretCount[effort]
  const rows = await onEachStore((parts) => compare({ ...parts, count, options: wholeOptions(effort) }))
  return { rows, notes: [`${count} secrets of one version; the time is that of one secret.`] }
}

async function compare({ id, store, table, name, count, options }) {
  // Each round is later than any cached key may live, so that the data key of the round before can go.
  const vaultAt = (round) =>
    createVault({
      keys: benchKeys,
      store,
      clock: clockAhead(2 * hourMs * round),
      policy: { roles: { operator: [{ allow: ['operate'] }] } },
    })
  const first = vaultAt(0)
  const secrets = first.as({ id: scope.owner }).scope({ server: scope.server })
  await secrets.set('SECRET_0', value)
  await forEachTurn((turn) => secrets.set(`SECRET_${turn}`, value), count)
  await first.close()
  const byHand = await rekeyByHand(table, { count, value })
  const results = await raceWholes(
    [
      { name: 'batches by hand', operations: count, prepare: (round) => (round + 1) % 2, run: byHand },
      {
        name: 'vault',
        operations: count,
        async prepare(round) {
          const vault = vaultAt(round + 1)
          // Removes the data key that the round before retired; the timed run makes a new one.
          if (round > 0) await vault.operator(operator).rekey(scope)
          return vault
        },
        async run(vault) {
          const report = await vault.operator(operator).rekey(scope)
          if (report.secrets < count) throw new Error(`${report.secrets} of ${count} secrets were sealed again.`)
        },
        finish: (vault) => vault.close(),
      },
    ],
    options,
  )
  return raceRows({ work: `rekey, ${name}`, results, goals: { vault: `rekey-${id}` } })
}

/** @param {number} aheadMs @returns {import('@mcpvault/core').Clock} */
function clockAhead(aheadMs) {
  return {
    now: () => new Date(Date.now() + aheadMs),
    monotonicMs: () => performance.now(),
    schedule(task, delayMs) {
      const timer = setTimeout(task, delayMs)
      timer.unref()
      return () => clearTimeout(timer)
    },
  }
}
