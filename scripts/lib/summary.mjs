// Where the test reports stand, how many tests they count, and which of them failed.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { isAbsolute, join, relative } from 'node:path'
import { root } from './process.mjs'

const reports = '.cache/reports'

/** Reporters of Vitest that write such a report, beside one for the terminal. */
export const reporters = [`--reporter=${join(import.meta.dirname, 'diff-reporter.mjs')}`, '--reporter=json']

/** Of one failed test; the rest of a long difference, or of a value on one line, says little more. */
const maxLines = 40
const maxColumns = 400
const maxCalls = 4

/** The report of the main test run. */
export const unitReport = reportPath('unit')

/** @param {string} name */
export function reportPath(name) {
  return `${reports}/${name}.json`
}

/** Forgets the reports of earlier runs, so that a summary never counts them. */
export function resetReports() {
  rmSync(join(root, reports), { recursive: true, force: true })
}

/** @typedef {{ status: string, fullName: string, failureMessages: readonly string[] }} Test */
/** @typedef {{ status: string, name: string, message: string, assertionResults: readonly Test[] }} File */
/** @typedef {{ numPassedTests: number, testResults: readonly File[] }} Report */

/** @typedef {{ name: string, why: string }} Failure */

/**
 * Adds up all reports. A test file that failed beside its tests, such as before them, counts as one failed test.
 *
 * @param {string} folder
 */
export function countTests(folder = join(root, reports)) {
  const found = readReports(folder)
  const passed = found.reduce((sum, report) => sum + report.numPassedTests, 0)
  return { passed, failures: found.flatMap((report) => report.testResults.flatMap(failuresOf)) }
}

/**
 * Why tests failed, then which, then how many: the end says what matters most.
 *
 * @param {ReturnType<typeof countTests>} counts
 */
export function summaryOf({ passed, failures }) {
  const reasons = failures.map(({ name, why }) => `${name}\n${why}\n`)
  const names = failures.map(({ name }) => `FAILED ${name}`)
  return [...reasons, ...names, `${passed} passed, ${failures.length} failed`].join('\n')
}

/**
 * @param {string} folder
 * @returns {Report[]}
 */
function readReports(folder) {
  const names = existsSync(folder) ? readdirSync(folder).sort() : []
  return names.map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')))
}

/**
 * @param {File} file
 * @returns {Failure[]}
 */
function failuresOf(file) {
  const path = isAbsolute(file.name) ? relative(root, file.name) : file.name
  const failed = file.assertionResults.filter((each) => each.status === 'failed')
  if (file.status === 'failed' && failed.length === 0) return [{ name: path, why: beginning(file.message) }]
  return failed.map((each) => ({
    name: `${path} > ${each.fullName}`,
    why: each.failureMessages.map(beginning).join('\n'),
  }))
}

/**
 * The beginning of the message, and of the calls that led to it.
 *
 * @param {string} error
 */
function beginning(error) {
  const lines = error.split('\n')
  const calls = lines.filter(isCall)
  const message = lines.filter((line) => !isCall(line))
  const left = message.length - maxLines
  const shown = [...message.slice(0, maxLines), ...(left > 0 ? [`... and ${left} lines more`] : [])]
  return [...shown, ...calls.slice(0, maxCalls)].map((line) => `    ${line.slice(0, maxColumns)}`).join('\n')
}

/** @param {string} line */
function isCall(line) {
  return /^ +at /.test(line)
}
