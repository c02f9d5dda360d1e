// Reads the command line.
import { groups } from './groups.mjs'

/**
 * @typedef {object} BenchRequest
 * @property {readonly string[]} names
 * @property {import('./effort.mjs').Effort} effort
 * @property {'report' | 'fail'} onMiss
 */

const flagNames = ['--smoke', '--long', '--strict']

export const usage = `Usage: npm run bench -- [group ...] [--smoke] [--long] [--strict]

--smoke   the shortest run that touches everything
--long    also the groups that take many minutes
--strict  exit with 1 when a goal is missed

Groups:
${Object.entries(groups)
  .map(([name, { title, long }]) => `  ${name.padEnd(11)} ${title}${long ? ' (long)' : ''}`)
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
  if (!flags.every((flag) => flagNames.includes(flag))) return undefined
  if (!names.every((name) => Object.hasOwn(groups, name))) return undefined
  const effort = flags.includes('--smoke') ? 'smoke' : 'full'
  const isComplete = effort === 'smoke' || flags.includes('--long')
  const all = Object.keys(groups).filter((name) => isComplete || !groups[name]?.long)
  return { names: names.length > 0 ? names : all, effort, onMiss: flags.includes('--strict') ? 'fail' : 'report' }
}
