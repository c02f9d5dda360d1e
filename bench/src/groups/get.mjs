// get on the two embedded stores, in each audit mode, against what the reading alone costs.
import { join } from 'node:path'
import { memoryStore } from '@mcpvault/core'
import { sqliteStore } from '@mcpvault/sqlite'
import { bareTable } from '../bare-table.mjs'
import { race } from '../rounds.mjs'
import { raceRows } from '../rows.mjs'
import { sealedSamples } from '../sealed-samples.mjs'
import { sqliteDriver } from '../sqlite.mjs'
import { fillScope, inTemporaryFolder, vaultOn } from '../vaults.mjs'

const secrets = 100
const callers = 32
const modes = /** @type {const} */ (['dangerously-off', 'buffered', 'required'])
const effort = { full: { rounds: 61, turnMs: 8 }, smoke: { rounds: 3, turnMs: 1 } }

/** @param {{ readonly effort: import('../arguments.mjs').Effort }} input */
export async function run(input) {
  const options = effort[input.effort]
  const rows = [...(await onMemory(options)), ...(await onSqlite(options))]
  return { rows, notes: [`SQLite through ${sqliteDriver}, values of 32 bytes, ${secrets} secrets in turn.`] }
}

/** @param {import('../rounds.mjs').RaceOptions} options */
async function onMemory(options) {
  const { contestants, names, close } = await readers(memoryStore())
  const { samples, open } = await sealedSamples(names)
  const floor = { name: 'open alone', run: (turn) => open(samples[turn % secrets]) }
  const rows = await compare({ work: 'get, memory', floor, contestants, goal: 1.6, options })
  await close()
  return rows
}

/** @param {import('../rounds.mjs').RaceOptions} options */
function onSqlite(options) {
  return inTemporaryFolder(async (folder) => {
    const store = sqliteStore({ path: join(folder, 'vault.db') })
    await store.migrate()
    const { contestants, names, close } = await readers(store)
    const { samples, open } = await sealedSamples(names)
    const table = bareTable(join(folder, 'bare.db'))
    for (const { name, envelope } of samples) table.put(name, envelope)
    const floor = {
      name: 'prepared SELECT + open',
      run(turn) {
        const { context, name } = samples[turn % secrets]
        return open({ context, envelope: table.get(name).envelope })
      },
    }
    const rows = await compare({ work: 'get, SQLite', floor, contestants, goal: 1.5, options })
    await close()
    store.close()
    table.close()
    return rows
  })
}

/**
 * The contestant without audit first and by itself, since the garbage of the others' trails would fall into its turns.
 * It never waits for the disk, so its time is the processor's.
 *
 * @param {object} comparison
 * @param {string} comparison.work
 * @param {import('../rounds.mjs').Contestant} comparison.floor
 * @param {readonly import('../rounds.mjs').Contestant[]} comparison.contestants
 * @param {number} comparison.goal
 * @param {import('../rounds.mjs').RaceOptions} comparison.options
 */
async function compare({ work, floor, contestants: [off, ...audited], goal, options }) {
  const alone = await race([floor, off], { ...options, clock: 'cpu' })
  const together = await race([floor, ...audited], options)
  return [
    ...raceRows({ work, results: alone, goals: { [off.name]: goal } }),
    ...raceRows({ work: `${work}, audited`, results: together }),
  ]
}

/**
 * One contestant for each audit mode, and one with many callers at once for the mode that waits for the disk.
 *
 * @param {import('@mcpvault/core').VaultStore} store
 */
async function readers(store) {
  const vaults = modes.map((mode) => ({ mode, vault: vaultOn(store, mode) }))
  const scopes = vaults.map(({ mode, vault }) => ({
    mode,
    scope: vault.as({ id: 'alice' }).scope({ server: 'github' }),
  }))
  const names = await fillScope(scopes[0].scope, secrets)
  const contestants = scopes.map(({ mode, scope }) => ({
    name: nameOf(mode),
    run: (turn) => scope.get(names[turn % secrets]),
  }))
  const { scope } = scopes[modes.indexOf('required')]
  contestants.push({
    name: `${nameOf('required')}, ${callers} callers`,
    operations: callers,
    run: (turn) =>
      Promise.all(Array.from({ length: callers }, (_, caller) => scope.get(names[(turn + caller) % secrets]))),
  })
  return {
    contestants,
    names,
    async close() {
      for (const { vault } of vaults) await vault.close()
    },
  }
}

/** @param {string} mode */
function nameOf(mode) {
  return `audit ${mode}`
}
