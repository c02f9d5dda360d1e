// Reads the command line.
import { resolve } from 'node:path'
import { groups } from './groups.mjs'

/**
 * @typedef {object} BenchRequest
 * @property {readonly string[]} names
 * @property {import('./effort.mjs').Effort} effort
 * @property {'report' | 'fail'} onMiss
 * @property {string} [other] the folder of another checkout
 */

const flagNames = ['--smoke', '--long', '--strict']
const otherFlag = '--other='

export const usage = `Usage: npm run bench -- [group ...] [--smoke] [--long] [--strict] [--other=FOLDER]

--smoke         the shortest run that touches everything
--long          also the groups that take many minutes
--strict        exit with 1 when a goal is missed
--other=FOLDER  another checkout, built, which the group \`beside\` needs

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
  const other = argv.find((argument) => argument.startsWith(otherFlag))?.slice(otherFlag.length)
  const flags = argv.filter((argument) => argument.startsWith('--') && !argument.startsWith(otherFlag))
  const names = argv.filter((argument) => !argument.startsWith('--'))
  if (!flags.every((flag) => flagNames.includes(flag))) return undefined
  if (!names.every((name) => Object.hasOwn(groups, name))) return undefined
  const effort = flags.includes('--smoke') ? 'smoke' : 'full'
  const isComplete = effort === 'smoke' || flags.includes('--long')
  const canRun = (name) => name !== 'beside' || other !== undefined || effort === 'smoke'
  if (!names.every(canRun)) return undefined
  const all = Object.keys(groups).filter((name) => canRun(name) && (isComplete || !groups[name]?.long))
  const onMiss = flags.includes('--strict') ? 'fail' : 'report'
  return { names: names.length > 0 ? names : all, effort, onMiss, ...(other && { other: resolve(other) }) }
}
