// list and get in a file of 100,000 secrets against the same in one of 1,000, and the memory that the large one takes.
import { randomBytes } from 'node:crypto'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { raceOptions } from '../effort.mjs'
import { runTask } from '../processes.mjs'
import { race } from '../rounds.mjs'
import { raceRows, valueRow } from '../rows.mjs'
import { openFilled } from '../scale/open.mjs'
import { sqliteDriver } from '../sqlite.mjs'
import { inTemporaryFolder } from '../vaults.mjs'

const sizes = {
  full: {
    small: { users: 10, secrets: 1_000, heavySecrets: 500 },
    large: { users: 1_000, secrets: 100_000, heavySecrets: 10_000 },
    reads: 10_000,
  },
  smoke: {
    small: { users: 5, secrets: 300, heavySecrets: 200 },
    large: { users: 10, secrets: 600, heavySecrets: 400 },
    reads: 600,
  },
}

/** @param {{ readonly effort: import('../effort.mjs').Effort }} input */
export function run({ effort }) {
  const size = sizes[effort]
  return inTemporaryFolder(async (folder) => {
    const key = randomBytes(32)
    const small = { path: join(folder, 'small.db'), key, population: size.small }
    const large = { path: join(folder, 'large.db'), key, population: size.large }
    await runTask({ task: 'scale-fill', input: small })
    const { seconds } = await runTask({ task: 'scale-fill', input: large })
    const { reads } = size
    const rssMb = await runTask({ task: 'scale-footprint', input: { file: large, reads } })
    const rows = [
      ...(await compare({ small, large, options: raceOptions(effort, { clock: 'cpu' }) })),
      valueRow({
        work: 'open, list, read',
        contestant: 'memory of the process',
        value: rssMb,
        unit: 'MB',
        goal: 'scale-memory',
      }),
    ]
    const megabytes = (statSync(large.path).size / 1_048_576).toFixed(0)
    const { users, secrets } = size.large
    return {
      rows,
      notes: [
        `${secrets} secrets of ${users} users, ${megabytes} MB, filled in ${seconds.toFixed(1)} s without fsync.`,
        `${reads} reads for the memory, over all secrets in turn. SQLite through ${sqliteDriver}.`,
      ],
    }
  })
}

/**
 * @param {object} files
 * @param {Parameters<typeof openFilled>[0]} files.small
 * @param {Parameters<typeof openFilled>[0]} files.large
 * @param {import('../rounds.mjs').RaceOptions} files.options
 */
async function compare({ small, large, options }) {
  const few = openFilled(small)
  const many = openFilled(large)
  await few.warmKeys()
  await many.warmKeys()
  const { first, middle, last } = await many.cursors()
  const lists = await race(
    [
      { name: 'first page, small', run: () => few.page(undefined) },
      { name: 'first page, large', run: () => many.page(first) },
      { name: 'middle page, large', run: () => many.page(middle) },
      { name: 'last page, large', run: () => many.page(last) },
    ],
    options,
  )
  const gets = await race(
    [
      { name: 'small', run: (turn) => few.read(turn) },
      { name: 'large, over all secrets', run: (turn) => many.read(turn) },
      { name: 'large, the same few secrets', run: (turn) => many.read(turn % 1_000) },
    ],
    options,
  )
  await few.close()
  await many.close()
  const [, ...pages] = lists.map(({ name }) => [name, 'scale-list'])
  return [
    ...raceRows({ work: 'list 100', results: lists, goals: Object.fromEntries(pages) }),
    ...raceRows({ work: 'get', results: gets, goals: { 'large, the same few secrets': 'scale-get' } }),
  ]
}
