// A reporter of Vitest that tells what the JSON report leaves out: what differed, and errors that no test caught.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { stripVTControlCharacters } from 'node:util'

/** How many lines that are the same stand around one that differs. */
const around = 2

/**
 * Stands before the JSON reporter, which has the stacks of errors alone: the message of an assertion cuts short what it
 * compares. Errors that no test caught fail a run too; they get a report of their own beside that one.
 * Vitest makes reporters with `new`, from the default export.
 *
 * @returns {Pick<import('vitest/node').Reporter, 'onInit' | 'onTestCaseResult' | 'onTestRunEnd'>}
 */
export default function DiffReporter() {
  /** @type {string | undefined} */
  let path
  return {
    onInit({ config: { root, outputFile } }) {
      if (typeof outputFile === 'object' && outputFile['json']) path = resolve(root, outputFile['json'])
    },
    onTestCaseResult(test) {
      for (const error of test.result().errors ?? []) {
        if (error.diff !== undefined) error.stack = withDiff(error.stack ?? error.message, error.diff)
      }
    },
    onTestRunEnd(_modules, errors) {
      if (errors.length === 0 || path === undefined) return
      const message = errors.map((error) => error.stack ?? error.message).join('\n')
      const file = { status: 'failed', name: 'no test caught an error', message, assertionResults: [] }
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path.replace(/\.json$/, '-errors.json'), JSON.stringify({ numPassedTests: 0, testResults: [file] }))
    },
  }
}

/**
 * @param {string} stack its message comes first, then a line for each call
 * @param {string} diff
 */
function withDiff(stack, diff) {
  const calls = stack.search(/\n +at /)
  const [message, rest] = calls < 0 ? [stack, ''] : [stack.slice(0, calls), stack.slice(calls)]
  return `${message}\n${changesIn(stripVTControlCharacters(diff))}${rest}`
}

/** @param {string} diff */
function changesIn(diff) {
  const lines = diff.trim().split('\n')
  const isChange = lines.map((line) => /^[+-]/.test(line))
  const isNear = lines.map((_, at) => isChange.slice(Math.max(0, at - around), at + around + 1).includes(true))
  return lines.flatMap((line, at) => (isNear[at] ? [line] : isNear[at - 1] ? ['  ...'] : [])).join('\n')
}
