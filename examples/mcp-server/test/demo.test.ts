// The demo as `npm run demo` starts it: what it tells, and that it leaves nothing behind, however it ends.
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { createNarrator } from '../src/narrator.mjs'

const demo = join(import.meta.dirname, '..', 'demo.mjs')

interface DemoRun {
  readonly code: number | null
  readonly output: string
  readonly leftFiles: readonly string[]
  readonly leftProcesses: 'some' | 'none'
}

/** Runs the demo in a process group and a temporary folder of its own; `watch` sees the output as it grows. */
function runDemo(watch: (output: string, pid: number) => void = () => {}): Promise<DemoRun> {
  const folder = mkdtempSync(join(tmpdir(), 'mcpvault-demo-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const child = spawn(process.execPath, [demo], {
    env: { PATH: process.env['PATH'], TMPDIR: folder },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const pid = child.pid ?? 0
  let output = ''
  const hear = (chunk: Buffer): void => {
    output += chunk.toString('utf8')
    watch(output, pid)
  }
  child.stdout.on('data', hear)
  child.stderr.on('data', hear)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) =>
      resolve({ code, output, leftFiles: readdirSync(folder), leftProcesses: hasProcesses(pid) ? 'some' : 'none' }),
    )
  })
}

function hasProcesses(group: number): boolean {
  try {
    process.kill(-group, 0)
    return true
  } catch {
    return false
  }
}

it('tells every chapter, prints no token and no colour, and leaves neither files nor processes', async () => {
  const { code, output, leftFiles, leftProcesses } = await runDemo()
  expect(output).toContain('Every step went as told.')
  expect(code, output).toBe(0)
  expect(output.match(/^\d\. /gm)).toHaveLength(6)
  expect(output).not.toMatch(/demo_[\w-]{8}/)
  expect(output).not.toContain('\u001b')
  expect(output.split('\n').length).toBeLessThan(70)
  expect({ leftFiles, leftProcesses }).toEqual({ leftFiles: [], leftProcesses: 'none' })
})

it.each([
  ['SIGINT', 130, '2. '],
  ['SIGTERM', 143, '3. '],
  ['SIGINT', 130, 'MCPVault'],
] as const)('clears up when %s ends it (exit code %i) after "%s"', async (signal, expected, mark) => {
  let isSent = false
  const { code, output, leftFiles, leftProcesses } = await runDemo((heard, pid) => {
    if (isSent || !heard.includes(mark)) return
    isSent = true
    process.kill(pid, signal)
  })
  expect(code, output).toBe(expected)
  expect(output).not.toContain('Every step went as told.')
  expect({ leftFiles, leftProcesses }).toEqual({ leftFiles: [], leftProcesses: 'none' })
})

it('refuses to print a secret', () => {
  const written: string[] = []
  const narrator = createNarrator({ write: (text) => written.push(text), secrets: ['demo_secret'] })
  narrator.fact('token', '[secret]')
  expect(() => narrator.fact('token', 'it is demo_secret')).toThrow('about to print a secret')
  expect(written.join('')).toBe('   token                  [secret]\n')
})
