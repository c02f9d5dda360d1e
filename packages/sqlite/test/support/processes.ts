// Real child processes that run the worker, built once for a test file.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { type BundledProgram, bundleProgram } from '@mcpvault/testkit/bundle'
import type { SqliteDriver } from '../../src/index.ts'

let program: BundledProgram | undefined

/** Returns the function that removes it. */
export async function buildWorker(): Promise<() => void> {
  const built = await bundleProgram({ entry: new URL('worker.ts', import.meta.url), external: ['libsql'] })
  program = built
  return built.remove
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
  if (program === undefined) throw new Error('The worker is not built.')
  const child = spawn(process.execPath, [program.path, job, driver, path, label, String(times)], {
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
