// Verifying an audit trail of 100,000 events in SQLite, against reading it and computing its HMACs.
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { wholeOptions } from '../effort.mjs'
import { runTask } from '../processes.mjs'
import { median, raceWholes } from '../rounds.mjs'
import { raceRows, valueRow } from '../rows.mjs'
import { sqliteDriver } from '../sqlite.mjs'
import { inTemporaryFolder } from '../vaults.mjs'
import { bodyHmacs, chainHmacs, readRows } from '../verify/floor.mjs'
import { openTrail, writeTrail } from '../verify/trail.mjs'

const events = { full: 100_000, smoke: 1_000 }

/** @param {{ readonly effort: import('../effort.mjs').Effort }} input */
export function run({ effort }) {
  return inTemporaryFolder(async (folder) => {
    const file = { path: join(folder, 'trail.db'), key: randomBytes(32) }
    const startedMs = performance.now()
    await writeTrail({ ...file, events: events[effort] })
    const fillSeconds = (performance.now() - startedMs) / 1000
    const footprints = []
    for (let run = 0; run < wholeOptions(effort).rounds; run += 1) {
      footprints.push(await runTask({ task: 'verify-footprint', input: { ...file, events: events[effort] } }))
    }
    const of = (measure) => median(footprints.map((footprint) => footprint[measure]))
    const rows = [
      ...(await compare({ ...file, effort })),
      valueRow({
        work: 'verifyAudit',
        contestant: 'event loop held',
        value: of('heldMs'),
        unit: 'ms',
        goal: 'verify-held',
      }),
      valueRow({
        work: 'verifyAudit',
        contestant: 'growth of memory after a fifth',
        value: of('growthMb'),
        unit: 'MB',
        goal: 'verify-memory',
      }),
    ]
    const notes = [
      `${events[effort]} events, written in ${fillSeconds.toFixed(1)} s; at most ${of('maxMb').toFixed(0)} MB of memory.`,
      `Times are of one event. SQLite through ${sqliteDriver}.`,
    ]
    return { rows, notes }
  })
}

/** @param {import('../verify/trail.mjs').TrailFile & { readonly effort: import('../effort.mjs').Effort }} setup */
async function compare({ effort, ...file }) {
  const trail = openTrail(file)
  const { events: operations } = await trail.verify()
  const { audit } = trail.store
  /** @type {Uint8Array[]} */
  const bodies = []
  await readRows(audit, ({ body }) => bodies.push(Uint8Array.from(body)))
  const contestant = (name, run) => ({ name, operations, prepare: () => undefined, run })
  const verify = contestant('verifyAudit', () => trail.verify())
  const results = await raceWholes(
    [
      contestant('reading, and HMACs of the chain', () => {
        const link = chainHmacs()
        return readRows(audit, ({ body }) => link(body))
      }),
      contestant('reading the rows', () => readRows(audit, () => undefined)),
      contestant('one HMAC of each body', () => bodies.forEach(bodyHmacs())),
      contestant('HMACs of the chain', () => bodies.forEach(chainHmacs())),
      verify,
    ],
    { ...wholeOptions(effort), clock: 'cpu' },
  )
  await trail.close()
  return raceRows({ work: 'verify', results, goals: { [verify.name]: 'verify-time' } })
}
