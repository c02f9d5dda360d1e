// What `npm run demo` and `npm test` show before they begin: one line, and a file with the rest.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { steps } from '../scripts/lib/step.mjs'

function testSteps(kind: 'terminal' | 'pipe') {
  const folder = mkdtempSync(join(tmpdir(), 'mcpvault-steps-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const log = join(folder, 'new', 'prepare.log')
  let shown = ''
  const stream = {
    isTTY: kind === 'terminal',
    write(text: string) {
      shown += text
    },
  }
  const { run } = steps({ stream, log })
  const runCode = (title: string, code: string) => run({ title, command: [process.execPath, '-e', code] })
  return { runCode, shown: () => shown, logged: () => readFileSync(log, 'utf8') }
}

it('elsewhere than on a terminal, one line is written for all steps', async () => {
  const { runCode, shown, logged } = testSteps('pipe')
  expect(await runCode('Installing', 'console.log("one"); console.error("two")')).toBe(0)
  expect(await runCode('Building', 'console.log("three")')).toBe(0)
  expect(shown()).toMatch(/^Getting ready \(log: .+prepare\.log\)\n$/)
  expect(logged()).toBe('one\ntwo\nthree\n')
})

it('on a terminal, the line tells the step, and is gone after it', async () => {
  const { runCode, shown } = testSteps('terminal')
  await runCode('Installing', '')
  expect(shown()).toMatch(/^\r\u001b\[KInstalling: 0 s \(log: /)
  expect(shown().endsWith('\r\u001b[K')).toBe(true)
  expect(shown()).not.toContain('\n')
})

it('a step that fails gives its exit code, its name and the last of what it said', async () => {
  const { runCode, shown } = testSteps('pipe')
  const code = 'for (let n = 1; n <= 30; n++) console.log("line " + n); process.exitCode = 7'
  expect(await runCode('Building', code)).toBe(7)
  expect(shown()).toContain('Building failed (log: ')
  expect(
    shown()
      .split('\n')
      .filter((line) => line.startsWith('line '))
      .at(-1),
  ).toBe('line 30')
  expect(shown()).not.toContain('line 10\n')
})
