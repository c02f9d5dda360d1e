// Counts what one warm call enters and makes: files and functions of the packages, and promises of everybody.
import { createHook } from 'node:async_hooks'
import { Session } from 'node:inspector/promises'
import { join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { postgresStore } from '@mcpvault/postgres'
import { root } from '../paths.mjs'
import { median } from '../rounds.mjs'
import { openPool } from '../servers/postgres.mjs'
import { nameAt, scopeOf, value, vaultOn } from '../vaults.mjs'

const packages = join(root, 'packages') + sep

/** @param {{ readonly url: string, readonly rounds: number }} input a migrated database */
export async function run({ url, rounds }) {
  const pool = openPool(url)
  const vault = vaultOn(postgresStore({ pool }), 'required')
  const scope = scopeOf(vault)
  const works = {
    'bare pooled query': async () => {
      const client = await pool.connect()
      await client.query({ name: 'bare', text: 'SELECT 1' })
      client.release()
    },
    get: () => scope.get(nameAt(0)),
    set: () => scope.set(nameAt(0), value),
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const work of [works.set, works.get, works['bare pooled query']]) await work()
  }
  const counted = []
  for (const [name, work] of Object.entries(works)) {
    const promises = median(await repeat(rounds, () => promisesOf(work)))
    counted.push({ name, promises, ...(await entriesOf(work, rounds)) })
  }
  await vault.close()
  await pool.end()
  return counted
}

async function repeat(rounds, count) {
  const counts = []
  for (let round = 0; round < rounds; round += 1) counts.push(await count())
  return counts
}

/** @param {() => Promise<unknown>} work */
async function promisesOf(work) {
  let promises = 0
  const hook = createHook({
    init(_id, type) {
      if (type === 'PROMISE') promises += 1
    },
  })
  hook.enable()
  const done = work()
  await done
  hook.disable()
  // The one that this await makes.
  return promises - 1
}

/**
 * By precise coverage: a function counts when it is entered at least once.
 *
 * @param {() => Promise<unknown>} work
 * @param {number} rounds
 */
async function entriesOf(work, rounds) {
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  const counts = await repeat(rounds, async () => {
    // Taking sets all counts to zero.
    await session.post('Profiler.takePreciseCoverage')
    await work()
    const { result } = await session.post('Profiler.takePreciseCoverage')
    const entered = result
      .filter(({ url }) => url.startsWith('file:') && fileURLToPath(url).startsWith(packages))
      .map(({ functions }) => functions.filter(({ ranges }) => (ranges[0]?.count ?? 0) > 0).length)
      .filter((functions) => functions > 0)
    return { files: entered.length, functions: entered.reduce((sum, functions) => sum + functions, 0) }
  })
  session.disconnect()
  return {
    files: median(counts.map(({ files }) => files)),
    functions: median(counts.map(({ functions }) => functions)),
  }
}
