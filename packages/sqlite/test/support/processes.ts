// Real child processes that run the worker, built once for a test file.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import type { SqliteDriver } from '../../src/index.ts'

/** Under this package's `node_modules`, so that the built worker finds the drivers. */
const workerPath = fileURLToPath(new URL(`../../node_modules/.cache/worker-${process.pid}.mjs`, import.meta.url))

/** Returns the function that removes it. */
export async function buildWorker(): Promise<() => Promise<void>> {
  await build({
    entryPoints: [fileURLToPath(new URL('worker.ts', import.meta.url))],
    outfile: workerPath,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['libsql'],
    conditions: ['mcpvault-source'],
    logLevel: 'error',
  })
  return () => rm(workerPath, { force: true })
}

export interface WorkerOptions {
  readonly job: 'migrate' | 'count' | 'add' | 'add concurrently'
  readonly driver: SqliteDriver
  readonly path: string
  readonly label?: string
  readonly times?: number
  /** Called for each line that the worker prints. */
  readonly onLine?: (line: string, child: ChildProcess) => void
}

/** Runs a worker to its end, and gives the lines that it printed. */
export async function runWorker(options: WorkerOptions): Promise<readonly string[]> {
  const { job, driver, path, label = 'a', times = 1, onLine } = options
  const child = spawn(process.execPath, [workerPath, job, driver, path, label, String(times)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const lines: string[] = []
  let complaints = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text
  })
  const reader = createInterface({ input: child.stdout })
  reader.on('line', (line) => {
    lines.push(line)
    onLine?.(line, child)
  })
  const [code, signal] = await once(child, 'close')
  if (code !== 0 && signal !== 'SIGKILL') throw new Error(`The worker failed: ${complaints}`)
  return lines
}
