// What a run of the tests says at its end: enough of each failure to understand it from there alone.
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { root } from '../scripts/lib/process.mjs'
import { countTests, reporters, summaryOf } from '../scripts/lib/summary.mjs'

/** Runs tests in a folder of their own; the lines of the summary. */
async function summaryLines(body: string): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'mcpvault-summary-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, 'a.test.js'), `import { expect, test } from ${JSON.stringify(vitest)}\n${body}`)
  const reports = join(folder, 'reports')
  const args = ['run', '--root', folder, ...reporters, `--outputFile.json=${join(reports, 'a.json')}`]
  // It ends with an error, as a run with a failed test does.
  await new Promise((resolve) => execFile(process.execPath, [program, ...args], { cwd: root }, resolve))
  return summaryOf(countTests(reports)).split('\n')
}

const vitest = join(root, 'node_modules/vitest/dist/index.js')
const program = join(root, 'node_modules/vitest/vitest.mjs')

it('a summary shows the difference that failed a test, and ends with its name and the counts', async () => {
  const lines = await summaryLines(`
    test('passes', () => {})
    test('differs', () => {
      const rows = (name) => Array.from({ length: 30 }, (_, id) => ({ id, name: id === 20 ? name : 'x'.repeat(30) }))
      expect(rows('what came')).toEqual(rows('what should come'))
    })`)
  expect(lines).toContainEqual(expect.stringMatching(/^ +-.*what should come/))
  expect(lines).toContainEqual(expect.stringMatching(/^ +\+.*what came/))
  expect(lines).toContainEqual(expect.stringMatching(/^ +at .*a\.test\.js:\d+/))
  expect(lines.join('\n')).not.toContain('\u001b')
  expect(lines.slice(-2)).toEqual([expect.stringMatching(/^FAILED .*a\.test\.js > differs$/), '1 passed, 1 failed'])
  expect(lines.length).toBeLessThan(30)
})

it('a summary of values that differ without end has a limit', async () => {
  const lines = await summaryLines(`
    test('differs', () => expect(Array.from({ length: 300 }, (_, id) => 'a'.repeat(2_000) + id)).toEqual([]))`)
  expect(lines).toContainEqual(expect.stringMatching(/^ +\.\.\. and \d+ lines more$/))
  expect(lines.join('\n').length).toBeLessThan(40_000)
})

it('a summary names an error that no test caught', async () => {
  const lines = await summaryLines(`
    test('passes', () => void Promise.reject(new Error('nobody waits for this')))`)
  expect(lines).toContainEqual(expect.stringContaining('nobody waits for this'))
  expect(lines.slice(-2)).toEqual(['FAILED no test caught an error', '1 passed, 1 failed'])
})
