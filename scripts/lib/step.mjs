// Runs what has to be done before a command: one line of progress, and what the programs say in a file.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { root, runInto } from './process.mjs'

/**
 * @typedef {object} Progress
 * @property {{ readonly isTTY?: boolean, write(text: string): unknown }} stream
 * @property {string} log absolute path of the file
 */

/**
 * The steps of one run, which share a line and a file. On a terminal the line tells the step and its seconds, and is
 * gone when the step has gone well; elsewhere it is written once. After a failure, the end of the file follows.
 *
 * @param {Progress} options
 */
export function steps({ stream, log }) {
  const place = `log: ${relative(root, log)}`
  let isBegun = false

  /** @param {string} text */
  const show = (text) => {
    if (stream.isTTY === true) stream.write(`\r\u001b[K${text}`)
  }

  return {
    /**
     * @param {object} step
     * @param {string} step.title
     * @param {import('./process.mjs').Command} step.command
     * @param {NodeJS.ProcessEnv} [step.environment]
     * @returns {Promise<number>} the exit code
     */
    async run({ title, command, environment = process.env }) {
      if (!isBegun) {
        mkdirSync(dirname(log), { recursive: true })
        writeFileSync(log, '')
        if (stream.isTTY !== true) stream.write(`Getting ready (${place})\n`)
      }
      isBegun = true
      const beganAt = Date.now()
      const tell = () => show(`${title}: ${Math.round((Date.now() - beganAt) / 1_000)} s (${place})`)
      tell()
      const timer = setInterval(tell, 1_000)
      const code = await runInto(log, { command, environment }).finally(() => clearInterval(timer))
      show('')
      if (code !== 0) stream.write(`${title} failed (${place}):\n${endOf(log)}\n`)
      return code
    },
  }
}

/** The steps of this program. */
export const ownSteps = steps({ stream: process.stderr, log: join(root, '.cache', 'prepare.log') })

/** @param {string} path */
function endOf(path) {
  return readFileSync(path, 'utf8').trimEnd().split('\n').slice(-20).join('\n')
}
