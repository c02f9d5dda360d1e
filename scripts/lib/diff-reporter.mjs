// A reporter of Vitest that adds the difference to each failed assertion, for the JSON report after it.
import { stripVTControlCharacters } from 'node:util'

/** How many lines that are the same stand around one that differs. */
const around = 2

/**
 * The JSON report has the stacks of errors alone, and the message of an assertion cuts short what it compares.
 * Vitest makes reporters with `new`, from the default export.
 *
 * @returns {Pick<import('vitest/node').Reporter, 'onTestCaseResult'>}
 */
export default function DiffReporter() {
  return {
    onTestCaseResult(test) {
      for (const error of test.result().errors ?? []) {
        if (error.diff !== undefined) error.stack = withDiff(error.stack ?? error.message, error.diff)
      }
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
