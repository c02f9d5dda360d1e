// get and set of this checkout beside another one, such as the code before a change: both in one process, in turns.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { raceOptions } from '../effort.mjs'
import { root } from '../paths.mjs'
import { race } from '../rounds.mjs'
import { raceRows } from '../rows.mjs'
import { onPostgres, openPool } from '../servers/postgres.mjs'
import { callers, fillScope, inTemporaryFolder, nameAt, scopeOf, value } from '../vaults.mjs'

const modes = /** @type {const} */ (['dangerously-off', 'buffered', 'required'])

/** @param {{ readonly effort: import('../effort.mjs').Effort, readonly other?: string }} input `other` is built */
export function run({ effort, other = root }) {
  const checkouts = [
    { name: 'the other checkout', folder: other },
    { name: 'this one', folder: root },
  ]
  return onPostgres(({ newDatabase }) =>
    inTemporaryFolder(async (folder) => {
      const pools = []
      const stores = {
        memory: async ({ memoryStore }) => memoryStore(),
        SQLite: async (_core, { load, name }) =>
          (await load('sqlite')).sqliteStore({ path: join(folder, `${name}.db`) }),
        async Postgres(_core, { load }) {
          const pool = openPool(await newDatabase())
          pools.push(pool)
          return (await load('postgres')).postgresStore({ pool })
        },
      }
      const rows = []
      for (const [store, open] of Object.entries(stores)) {
        const sides = []
        for (const checkout of checkouts) sides.push(await openSide(checkout, open))
        for (const { work, of, count, clock } of worksOf(store)) {
          const contestants = sides.map((side) => ({ name: side.name, callers: count, run: of(side.scopes) }))
          rows.push(...raceRows({ work, results: await race(contestants, raceOptions(effort, { clock })) }))
        }
        for (const { vaults } of sides) for (const vault of vaults) await vault.close()
      }
      for (const pool of pools) await pool.end()
      return { rows, notes: ['A ratio below 1 says that this checkout takes less time than the other one.'] }
    }),
  )
}

/** The scopes of one checkout on a store, by audit mode. */
async function openSide({ name, folder }, open) {
  const load = (of) => import(pathToFileURL(join(folder, 'packages', of, 'dist', 'index.js')).href)
  const core = await load('core')
  const store = await open(core, { load, name })
  await store.migrate?.()
  const keys = core.keyRing({ current: 'main#1', keys: { 'main#1': core.generateKey() } })
  const vaults = modes.map((mode) => core.createVault({ keys, store, audit: { mode } }))
  const scopes = Object.fromEntries(modes.map((mode, index) => [mode, scopeOf(vaults[index])]))
  // Ten versions of each, as after some rotations.
  for (let version = 0; version < 10; version += 1) await fillScope(scopes['dangerously-off'])
  return { name, vaults, scopes }
}

function worksOf(store) {
  const get = (mode) => (scopes) => (turn) => scopes[mode].get(nameAt(turn))
  const set = (scopes) => (turn) => scopes.required.set(nameAt(turn), `${value}${turn}`)
  const plain = [{ work: `get, ${store}, audit off`, of: get('dangerously-off'), count: 1, clock: 'cpu' }]
  if (store === 'memory') return plain
  return [
    ...plain,
    { work: `get, ${store}, buffered, 1 caller`, of: get('buffered'), count: 1 },
    { work: `get, ${store}, required, 1 caller`, of: get('required'), count: 1 },
    { work: `get, ${store}, required, ${callers} callers`, of: get('required'), count: callers },
    { work: `set, ${store}, required, 1 caller`, of: set, count: 1 },
    { work: `set, ${store}, required, ${callers} callers`, of: set, count: callers },
  ]
}
