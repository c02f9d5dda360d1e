// Where the test reports stand, how many tests they count, and which of them failed.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { root } from './process.mjs'

const reports = '.cache/reports'

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

/** Adds up all reports. A test file that failed beside its tests, such as before them, counts as one failed test. */
export function countTests() {
  const reports = readReports()
  const passed = reports.reduce((sum, report) => sum + report.numPassedTests, 0)
  return { passed, failures: reports.flatMap((report) => report.testResults.flatMap(failuresOf)) }
}

/** @returns {Report[]} */
function readReports() {
  const folder = join(root, reports)
  const names = existsSync(folder) ? readdirSync(folder).sort() : []
  return names.map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')))
}

/** @param {File} file */
function failuresOf(file) {
  const path = relative(root, file.name)
  const failed = file.assertionResults.filter((each) => each.status === 'failed')
  if (file.status === 'failed' && failed.length === 0) return [`${path}\n${beginning(file.message)}`]
  return failed.map((each) => `${path} > ${each.fullName}\n${beginning(each.failureMessages.join('\n'))}`)
}

/** @param {string} message */
function beginning(message) {
  const lines = message.split('\n').slice(0, 12)
  return lines.map((line) => `    ${line}`).join('\n')
}
