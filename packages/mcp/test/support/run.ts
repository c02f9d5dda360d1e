// Starts the program that runs another with secrets, in a folder of its own, and keeps what comes out of it.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { RunOptions } from '../../src/run/index.ts'

export interface RunSetup {
  /** By `server/name`; all of them are alice's, who runs the program. */
  readonly secrets: Readonly<Record<string, string | Record<string, string>>>
  readonly options: Pick<RunOptions, 'command' | 'args' | 'server' | 'only' | 'map' | 'cwd'>
  /** `store` for one that fails, `deny NAME` for a secret that may be known of, and not read. */
  readonly fault?: string
  /** In the folder that the program starts in; none of them can be run. */
  readonly files?: readonly string[]
}

export interface Started {
  readonly child: ChildProcessWithoutNullStreams
  readonly folder: string
  /** When the program has ended. */
  readonly ended: Promise<Ended>
  /** When standard output has a text in it. */
  printed(text: string): Promise<void>
}

export interface Ended {
  readonly code: number | null
  readonly stdout: Buffer
  readonly stderr: string
}

/** The folder is removed, and the program ended, after the test. */
export function startRun(program: string, setup: RunSetup, env: Readonly<Record<string, string>> = {}): Started {
  const { folder, args } = runArguments(program, setup)
  const child = spawn(process.execPath, args, { cwd: folder, env: { PATH: process.env['PATH'], ...env } })
  onTestFinished(() => void child.kill('SIGKILL'))
  const stdout: Buffer[] = []
  const waiting = new Set<() => void>()
  child.stdout.on('data', (chunk: Buffer) => {
    stdout.push(chunk)
    for (const check of waiting) check()
  })
  let stderr = ''
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString('latin1')
  })
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code) => resolve({ code, stdout: Buffer.concat(stdout), stderr }))
  })
  const printed = (text: string): Promise<void> =>
    new Promise((resolve) => {
      const check = (): void => {
        if (Buffer.concat(stdout).includes(text)) resolve()
      }
      waiting.add(check)
      check()
    })
  return { child, folder, ended, printed }
}

/** What Node is given to run the program, for clients that start it themselves. */
export function runArguments(program: string, setup: RunSetup): { readonly folder: string; readonly args: string[] } {
  const base = mkdtempSync(join(tmpdir(), 'mcpvault-run-'))
  onTestFinished(() => rmSync(base, { recursive: true, force: true }))
  const folder = mkdtempSync(join(base, 'app-'))
  for (const name of setup.files ?? [])
    writeFileSync(join(folder, name), 'TOKEN=mcpvault://github/token\n', { mode: 0o644 })
  const path = join(base, 'setup.json')
  writeFileSync(path, JSON.stringify(setup))
  return { folder, args: [program, path] }
}
