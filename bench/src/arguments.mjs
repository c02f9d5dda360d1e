// Reads the command line.
import { groups } from './groups.mjs'

/**
 * @typedef {'full' | 'smoke'} Effort
 * @typedef {{ readonly names: readonly string[], readonly effort: Effort, readonly strict: boolean }} BenchRequest
 */

export const usage = `Usage: npm run bench -- [group ...] [--smoke] [--strict]

--smoke   the shortest run that touches everything
--strict  exit with 1 when a goal is missed

Groups:
${Object.entries(groups)
  .map(([name, { title }]) => `  ${name.padEnd(9)} ${title}`)
  .join('\n')}`

/**
 * Without a group, all of them. Undefined when an argument is unknown.
 *
 * @param {readonly string[]} argv
 * @returns {BenchRequest | undefined}
 */
export function parseArguments(argv) {
  const flags = argv.filter((argument) => argument.startsWith('--'))
  const names = argv.filter((argument) => !argument.startsWith('--'))
  if (!flags.every((flag) => flag === '--smoke' || flag === '--strict')) return undefined
  if (!names.every((name) => Object.hasOwn(groups, name))) return undefined
  return {
    names: names.length > 0 ? names : Object.keys(groups),
    effort: flags.includes('--smoke') ? 'smoke' : 'full',
    strict: flags.includes('--strict'),
  }
}
