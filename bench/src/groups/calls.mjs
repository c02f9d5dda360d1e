// What one warm get and one set on Postgres with required audit enter and make, counted on the sources.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from '../paths.mjs'
import { runTask } from '../processes.mjs'
import { onPostgres } from '../servers/postgres.mjs'

const rounds = { full: 21, smoke: 3 }
const sources = pathToFileURL(join(root, 'bench', 'src', 'calls', 'sources.mjs')).href

/** @param {{ readonly effort: import('../effort.mjs').Effort }} input */
export function run({ effort }) {
  return onPostgres(async ({ url }) => {
    /** @type {readonly { name: string, files: number, functions: number, promises: number }[]} */
    const counted = await runTask({
      task: 'calls-count',
      input: { url, rounds: rounds[effort] },
      nodeOptions: [`--import=${sources}`, '--conditions=mcpvault-source'],
    })
    return {
      rows: counted.flatMap(({ name, ...counts }) =>
        Object.entries(counts)
          .filter(([, count]) => count > 0)
          .map(([unit, count]) => ({ work: name, contestant: unit, value: count, unit })),
      ),
      notes: [
        'Files and functions of our packages, by precise coverage of the sources; promises of everybody, by async hooks.',
        `Medians of ${rounds[effort]} calls.`,
      ],
    }
  })
}
