// Runs the demo in a process group and a temporary folder of its own, and looks at what it leaves behind.
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import { onTestFinished } from 'vitest'

const demo = join(import.meta.dirname, '..', '..', 'demo.mjs')
const marker = new URL('./at-mark.mjs', import.meta.url).href

export interface DemoRun {
  readonly code: number | null
  readonly output: string
  readonly errors: string
  readonly leftFiles: readonly string[]
  readonly leftProcesses: 'some' | 'none'
}

export interface DemoOptions {
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** A module that is loaded before the demo. Default: none. */
  readonly preload?: string
  /** When the demo prints the mark, it gets the signal, or stands still until the file is in its folder. */
  readonly atMark?: { readonly mark: string; readonly signal?: string; readonly file?: string }
  /** Sees the process and its folder as soon as it is started. */
  readonly started?: (child: ChildProcessByStdio<null, Readable, Readable>, folder: string) => void
}

export function runDemo({ args = [], env = {}, preload, atMark, started }: DemoOptions = {}): Promise<DemoRun> {
  const folder = mkdtempSync(join(tmpdir(), 'mcpvault-demo-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const { mark, signal, file } = atMark ?? {}
  const modules = [preload, mark === undefined ? undefined : marker].filter((each) => each !== undefined)
  const imports = modules.flatMap((each) => ['--import', each])
  const atMarkEnv = {
    ...(mark === undefined ? {} : { DEMO_TEST_MARK: mark }),
    ...(signal === undefined ? {} : { DEMO_TEST_SIGNAL: signal }),
    ...(file === undefined ? {} : { DEMO_TEST_FILE: join(folder, file) }),
  }
  const child = spawn(process.execPath, [...imports, demo, ...args], {
    env: { PATH: process.env['PATH'], TMPDIR: folder, ...env, ...atMarkEnv },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const pid = child.pid ?? 0
  let output = ''
  let errors = ''
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString('utf8')
  })
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString('utf8')
  })
  started?.(child, folder)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', async (code) => {
      const leftProcesses = (await areGone(pid)) ? 'none' : 'some'
      const leftFiles = readdirSync(folder).filter((name) => name.startsWith('mcpvault-demo-'))
      resolve({ code, output, errors, leftFiles, leftProcesses })
    })
  })
}

/** Whether no process of the group is left; one that was ended just now may take a while to be gone. */
async function areGone(group: number): Promise<boolean> {
  for (let tries = 0; tries < 250 && hasProcesses(group); tries += 1) await wait(20)
  return !hasProcesses(group)
}

function hasProcesses(group: number): boolean {
  try {
    process.kill(-group, 0)
    return true
  } catch {
    return false
  }
}
