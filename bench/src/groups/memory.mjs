// get on the store in memory, in each audit mode, against opening the envelope alone.
import { memoryStore } from '@mcpvault/core'
import { raceOptions } from '../effort.mjs'
import { race } from '../rounds.mjs'
import { raceRows } from '../rows.mjs'
import { sealedSamples } from '../sealed-samples.mjs'
import { fillScope, nameAt, scopeOf, vaultOn } from '../vaults.mjs'

const count = 100
const modes = /** @type {const} */ (['dangerously-off', 'buffered', 'required'])

/** @param {{ readonly effort: import('../effort.mjs').Effort }} input */
export async function run({ effort }) {
  const store = memoryStore()
  const vaults = modes.map((mode) => vaultOn(store, mode))
  const [off, ...audited] = vaults.map(scopeOf)
  await fillScope(off)
  const { samples, open } = await sealedSamples(Array.from({ length: count }, (_, turn) => nameAt(turn)))
  const floor = { name: 'open alone', run: (turn) => open(samples[turn % count]) }
  // Without the audited ones, whose garbage would fall into its turns.
  const alone = await race(
    [floor, { name: 'audit off', run: (turn) => off.get(nameAt(turn)) }],
    raceOptions(effort, { clock: 'cpu' }),
  )
  const rest = await race(
    [
      floor,
      ...audited.map((scope, index) => ({ name: `audit ${modes[index + 1]}`, run: (turn) => scope.get(nameAt(turn)) })),
    ],
    raceOptions(effort, { rounds: 7 }),
  )
  for (const vault of vaults) await vault.close()
  return {
    rows: [
      ...raceRows({ work: 'get, memory', results: alone, goals: { 'audit off': 'memory-get' } }),
      ...raceRows({ work: 'get, memory, audited', results: rest }),
    ],
    notes: ['Values of 32 bytes. The trail stays in memory too.'],
  }
}
