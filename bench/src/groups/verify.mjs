// Verifying an audit trail of 100,000 events in SQLite, against reading it and computing its HMACs.
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { runTask } from '../processes.mjs'
import { race } from '../rounds.mjs'
import { judged, raceRows } from '../rows.mjs'
import { sqliteDriver } from '../sqlite.mjs'
import { inTemporaryFolder } from '../vaults.mjs'
import { bodyHmacs, chainHmacs, readRows } from '../verify/floor.mjs'
import { openTrail, writeTrail } from '../verify/trail.mjs'

const mostRatio = 2
const mostGrowthMb = 30
/** @type {Record<string, { events: number, race: import('../rounds.mjs').RaceOptions }>} */
const effort = {
  full: { events: 100_000, race: { rounds: 5, turnMs: 10, clock: 'cpu' } },
  smoke: { events: 1_000, race: { rounds: 1, turnMs: 1, clock: 'cpu' } },
}

/** @param {{ readonly effort: import('../arguments.mjs').Effort }} input */
export function run(input) {
  const options = effort[input.effort]
  return inTemporaryFolder(async (folder) => {
    const file = { path: join(folder, 'trail.db'), key: randomBytes(32) }
    const startedMs = performance.now()
    await writeTrail({ ...file, events: options.events })
    const fillSeconds = (performance.now() - startedMs) / 1000
    const { growthMb, mostMb } = await runTask({ task: 'verify-footprint', input: { ...file, events: options.events } })
    const rows = [
      ...(await compare({ ...file, options: options.race })),
      judged({
        work: 'verify',
        contestant: 'growth of memory after a fifth',
        value: growthMb,
        unit: 'MB',
        goal: { of: 'value', most: mostGrowthMb },
      }),
    ]
    const notes = [
      `${options.events} events, written in ${fillSeconds.toFixed(1)} s; at most ${mostMb.toFixed(0)} MB of memory.`,
      `Times are of one event. SQLite through ${sqliteDriver}.`,
    ]
    return { rows, notes }
  })
}

/** @param {import('../verify/trail.mjs').TrailFile & { readonly options: import('../rounds.mjs').RaceOptions }} setup */
async function compare({ options, ...file }) {
  const trail = openTrail(file)
  const { events: operations } = await trail.verify()
  const { audit } = trail.store
  /** @type {Uint8Array[]} */
  const bodies = []
  await readRows(audit, ({ body }) => bodies.push(Uint8Array.from(body)))
  const read = { name: 'reading the rows', operations, run: () => readRows(audit, () => undefined) }
  const chain = { name: 'HMACs of the chain', operations, run: () => bodies.forEach(chainHmacs()) }
  const readAndChain = {
    name: 'reading, and HMACs of the chain',
    operations,
    run() {
      const link = chainHmacs()
      return readRows(audit, ({ body }) => link(body))
    },
  }
  const verify = { name: 'verifyAudit', operations, run: () => trail.verify() }
  const body = { name: 'one HMAC of each body', operations, run: () => bodies.forEach(bodyHmacs()) }
  const results = await race([readAndChain, read, body, chain, verify], options)
  await trail.close()
  return raceRows({ work: 'verify', results, goals: { [verify.name]: mostRatio } })
}
