// How many queries follow each other in the first get of a process, and in close with few and with many streams.
import { createVault, generateKey, keyRing } from '@mcpvault/core'
import { postgresStore } from '@mcpvault/postgres'
import { runTask } from '../processes.mjs'
import { valueRow } from '../rows.mjs'
import { onPostgres, openPool } from '../servers/postgres.mjs'
import { countQueries } from '../trips/count.mjs'
import { nameAt, scopeOf, value } from '../vaults.mjs'

const manyStreams = { full: 1_000, smoke: 20 }

/** @param {{ readonly effort: import('../effort.mjs').Effort }} input */
export function run({ effort }) {
  return onPostgres(async ({ store, url }) => {
    const key = generateKey()
    const keys = () => keyRing({ current: 'main#1', keys: { 'main#1': key } })
    const first = createVault({ keys: keys(), store })
    await scopeOf(first).set(nameAt(0), value)
    await first.close()
    const few = await freshProcess({ url, keys: keys() })
    const streams = manyStreams[effort]
    await runTask({ task: 'trips-streams', input: { url, key, streams } })
    const many = await freshProcess({ url, keys: keys() })
    const unit = 'queries in sequence'
    const rows = [
      ['first get', few.get, 'first-get'],
      ['second get', few.secondGet],
      ['set', few.set],
      ['close, 2 streams', few.close, 'close-1'],
      [`close, ${streams} streams`, many.close, 'close-many'],
    ].map(([work, { queries, inSequence }, goal]) => {
      const row = { work, contestant: `${queries} queries`, value: inSequence, unit }
      return goal === undefined ? row : valueRow({ ...row, goal })
    })
    const note = { work: `checkpoint at close, ${streams} streams`, contestant: 'its note', unit: 'KiB' }
    return {
      rows: [...rows, valueRow({ ...note, value: many.noteKib, goal: 'close-note' })],
      notes: [
        'A query follows another when it starts after that one has ended. Audit required, a fresh pool.',
        `close took ${few.closeMs.toFixed(0)} ms with 2 streams, ${many.closeMs.toFixed(0)} ms with ${streams}.`,
      ],
    }
  })
}

/** What a process asks the server: a vault that has read nothing yet, on a pool without connections. */
async function freshProcess({ url, keys }) {
  const pool = openPool(url)
  const counter = countQueries(pool)
  let noteKib = 0
  const onCheckpoint = ({ note }) => {
    noteKib = Buffer.byteLength(note) / 1_024
  }
  const vault = createVault({ keys, store: postgresStore({ pool }), audit: { onCheckpoint } })
  const scope = scopeOf(vault)
  const get = await counter.during(() => scope.get(nameAt(0)))
  const secondGet = await counter.during(() => scope.get(nameAt(0)))
  const set = await counter.during(() => scope.set(nameAt(0), value))
  const startedMs = performance.now()
  const close = await counter.during(() => vault.close())
  const closeMs = performance.now() - startedMs
  await pool.end()
  return { get, secondGet, set, close, closeMs, noteKib }
}
