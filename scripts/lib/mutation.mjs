// What a mutation run changes: everything that it judges, or the folders of core that are named.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './process.mjs'

const source = 'packages/core/src'

/**
 * The arguments for Stryker: folders such as `access` or `audit/log` come first, its own options after them. What it
 * remembers of a run of some folders is kept apart from the others, so that neither replaces the other.
 *
 * @param {readonly string[]} args
 * @returns {readonly string[]}
 */
export function mutationArgs(args) {
  const end = args.findIndex((arg) => arg.startsWith('-'))
  const folders = end === -1 ? args : args.slice(0, end)
  if (folders.length === 0) return args
  for (const folder of folders) {
    if (!existsSync(join(root, source, folder))) throw new Error(`There is no folder ${source}/${folder}.`)
  }
  const changed = [...folders.map((folder) => `${source}/${folder}/**/*.ts`), `!${source}/**/index.ts`]
  const memory = `.cache/mutation/${folders.join('+').replaceAll('/', '-')}.json`
  return ['--mutate', changed.join(','), '--incrementalFile', memory, ...args.slice(folders.length)]
}
