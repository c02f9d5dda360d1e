// Pages of list among a million secrets of one owner on Postgres, against the first page of a thousand.
import { postgresStore } from '@mcpvault/postgres'
import pg from 'pg'
import { loadTestkit } from '../internals.mjs'
import { race } from '../rounds.mjs'
import { judged, raceRows } from '../rows.mjs'
import { fillPostgres } from '../servers/fill-postgres.mjs'
import { vaultOn } from '../vaults.mjs'

const pageSize = 100
const mostRatio = 1.5
const effort = {
  full: { small: 1_000, large: 1_000_000, race: { rounds: 31, turnMs: 60 } },
  smoke: { small: 300, large: 900, race: { rounds: 2, turnMs: 2 } },
}

/** @param {{ readonly effort: import('../arguments.mjs').Effort }} input */
export async function run(input) {
  const options = effort[input.effort]
  const { startPostgres } = await loadTestkit()
  const server = await startPostgres()
  try {
    const small = await openFilled(server, options.small)
    const large = await openFilled(server, options.large)
    const cursors = await large.cursors()
    const results = await race(
      [
        { name: `first page of ${options.small}`, run: () => small.page(undefined) },
        ...Object.entries(cursors).map(([name, cursor]) => ({
          name: `${name} page of ${options.large}`,
          run: () => large.page(cursor),
        })),
      ],
      options.race,
    )
    const queries = []
    for (const cursor of Object.values(cursors)) queries.push(await large.queriesOf(cursor))
    await small.close()
    await large.close()
    const [, ...pages] = results.map(({ name }) => [name, mostRatio])
    return {
      rows: [
        ...raceRows({ work: `list ${pageSize}`, results, goals: Object.fromEntries(pages) }),
        judged({
          work: `list ${pageSize}`,
          contestant: 'most queries of a page',
          value: Math.max(...queries),
          unit: 'queries',
          goal: { of: 'value', most: 1 },
        }),
      ],
      notes: [`Filled in ${large.seconds.toFixed(0)} s through the vault, without waiting for the disk.`],
    }
  } finally {
    await server.stop()
  }
}

/**
 * @param {{ newDatabase(): Promise<string> }} server
 * @param {number} secrets
 */
async function openFilled(server, secrets) {
  const url = await server.newDatabase()
  const pool = new pg.Pool({ connectionString: url })
  pool.on('error', () => {})
  const store = postgresStore({ pool })
  await store.migrate()
  const seconds = await fillPostgres({ url, secrets })
  const vault = vaultOn(store, 'dangerously-off')
  const scope = vault.as({ id: 'alice' }).scope({ server: 'github' })
  let queries = 0
  pool.on('acquire', () => {
    queries += 1
  })
  const page = (cursor) => scope.list({ limit: pageSize, ...(cursor === undefined ? {} : { cursor }) })
  return {
    seconds,
    page,
    /** How often a page takes a connection; each query takes one. */
    async queriesOf(cursor) {
      const before = queries
      await page(cursor)
      return queries - before
    },
    /** Where the first, the middle and the last page begin; found by walking with the longest pages. */
    async cursors() {
      const starts = []
      let cursor
      do {
        const { cursor: following } = await scope.list({ limit: 1_000, ...(cursor === undefined ? {} : { cursor }) })
        if (following !== undefined) starts.push(following)
        cursor = following
      } while (cursor !== undefined)
      return { first: undefined, middle: starts[starts.length >> 1], last: starts.at(-1) }
    },
    async close() {
      await vault.close()
      await pool.end()
    },
  }
}
