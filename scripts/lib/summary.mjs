// Where the test reports stand, and how many tests they count.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
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

/** Adds up all reports. A test file that could not be loaded counts as one failed test. */
export function countTests() {
  const folder = join(root, reports)
  const names = existsSync(folder) ? readdirSync(folder).sort() : []
  const counts = { passed: 0, failed: 0 }
  for (const name of names) {
    const report = JSON.parse(readFileSync(join(folder, name), 'utf8'))
    counts.passed += report.numPassedTests
    counts.failed += report.numFailedTests
    counts.failed += report.testResults.filter(failedToLoad).length
  }
  return counts
}

/** @param {{ status: string, assertionResults: readonly unknown[] }} file */
function failedToLoad(file) {
  return file.status === 'failed' && file.assertionResults.length === 0
}
