// list, get and getAll among a million secrets of one owner on Postgres, against the same among a thousand.
import { raceOptions } from '../effort.mjs'
import { median, race } from '../rounds.mjs'
import { raceRows, valueRow } from '../rows.mjs'
import { fillPostgres } from '../servers/fill-postgres.mjs'
import { migratedStore, onPostgres, openPool } from '../servers/postgres.mjs'
import { countQueries } from '../trips/count.mjs'
import { scopeOf, vaultOn } from '../vaults.mjs'

const pageSize = 100
/** Secrets of the scope that getAll reads, beside those of the long list. */
const together = 20
const sizes = { full: { small: 1_000, large: 1_000_000 }, smoke: { small: 300, large: 900 } }

/** @param {{ readonly effort: import('../effort.mjs').Effort }} input */
export function run({ effort }) {
  const { small, large } = sizes[effort]
  return onPostgres(async ({ newDatabase }) => {
    const few = await openFilled({ url: await newDatabase(), secrets: small })
    const many = await openFilled({ url: await newDatabase(), secrets: large })
    const cursors = Object.entries(await many.cursors())
    const options = raceOptions(effort, { rounds: 11 })
    const lists = await race(
      [
        { name: `first page of ${small}`, run: () => few.page(undefined) },
        ...cursors.map(([name, cursor]) => ({ name: `${name} page of ${large}`, run: () => many.page(cursor) })),
      ],
      options,
    )
    const gets = await race(
      [
        { name: `of ${small}`, run: few.get },
        { name: `of ${large}`, run: many.get },
      ],
      options,
    )
    const wholes = await race(
      [
        { name: `beside ${small}`, run: few.getAll },
        { name: `beside ${large}`, run: many.getAll },
      ],
      options,
    )
    const works = [
      ...cursors.map(
        ([, cursor]) =>
          () =>
            many.page(cursor),
      ),
      () => many.get(1),
      many.getAll,
    ]
    const queries = []
    for (const work of works) {
      const counts = []
      // The uses of a secret are counted now and then by a query of their own.
      for (let times = 0; times < 5; times += 1) counts.push((await many.during(work)).queries)
      queries.push(median(counts))
    }
    const seconds = many.seconds.toFixed(0)
    await few.close()
    await many.close()
    const [, ...pages] = lists.map(({ name }) => [name, 'million-list'])
    return {
      rows: [
        ...raceRows({ work: `list ${pageSize}`, results: lists, goals: Object.fromEntries(pages) }),
        ...raceRows({ work: 'get', results: gets, goals: { [`of ${large}`]: 'million-get' } }),
        ...raceRows({
          work: `getAll of ${together}`,
          results: wholes,
          goals: { [`beside ${large}`]: 'million-get-all' },
        }),
        valueRow({
          work: 'list, get, getAll, warm',
          contestant: 'queries of the one with the most',
          value: Math.max(...queries),
          unit: 'queries',
          goal: 'million-queries',
        }),
      ],
      notes: [`Audit off. Filled in ${seconds} s through the vault, without waiting for the disk.`],
    }
  })
}

/** @param {{ url: string, secrets: number }} filling */
async function openFilled({ url, secrets }) {
  const pool = openPool(url)
  const counter = countQueries(pool)
  const store = await migratedStore(pool)
  const seconds = await fillPostgres({ url, secrets })
  const vault = vaultOn(store, 'dangerously-off')
  const scope = scopeOf(vault)
  const few = vault.as({ id: 'alice' }).scope({ server: 'gitlab' })
  for (let index = 0; index < together; index += 1) await few.set(`SECRET_${index}`, 'a secret value')
  // A prime steps over the whole range.
  const stride = 7_919
  const page = (cursor) => scope.list({ limit: pageSize, ...(cursor === undefined ? {} : { cursor }) })
  return {
    seconds,
    page,
    during: counter.during,
    /** @param {number} turn */
    get: (turn) => scope.get(`SECRET_${(turn * stride) % secrets}`),
    getAll: () => few.getAll(),
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
