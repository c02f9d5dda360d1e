// One server: its process, its folder, and the guardian that ends both when the tests are killed.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '../until.ts'

export interface ServerCommand {
  /** Names the server in errors and in its folder. */
  readonly name: string
  readonly file: string
  args(folder: string): readonly string[]
  /** True once the server answers. */
  ready(): Promise<boolean>
  /** What is done once with a new folder, before the first start. */
  prepare?(folder: string): Promise<void>
  /** Whom the server runs as, where it refuses to run as root. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined
  readonly env?: Readonly<Record<string, string>>
  /** The signal that ends the server in good order. Default `SIGTERM`. */
  readonly stopSignal?: NodeJS.Signals
}

export interface ServerProcess {
  readonly folder: string
  /** Starts it again on the same folder. */
  start(): Promise<void>
  /** Ends it in good order; its data stay. */
  pause(): Promise<void>
  /** Ends it as a crash does; its data stay. */
  kill(): Promise<void>
  /** Ends it and removes its folder. */
  remove(): Promise<void>
}

const stopLimitMs = 20_000

/** Starts a server in a folder of its own and waits until it answers. */
export async function startProcess(command: ServerCommand): Promise<ServerProcess> {
  const { name, user } = command
  const folder = mkdtempSync(join(tmpdir(), `mcpvault-${name}-`))
  chmodSync(folder, 0o700)
  if (user !== undefined) chownSync(folder, user.uid, user.gid)
  const guardian = startGuardian(folder)
  let child: ChildProcess | undefined

  const logPath = join(folder, 'server.log')

  async function start(): Promise<void> {
    const log = openSync(logPath, 'a', 0o600)
    const started = spawn(command.file, command.args(folder), {
      cwd: folder,
      env: { PATH: process.env['PATH'], HOME: folder, LC_ALL: 'C', ...command.env },
      stdio: ['ignore', log, log],
      ...user,
    })
    closeSync(log)
    child = started
    let problem: string | undefined
    started.once('error', (error) => {
      problem = error.message
    })
    started.once('exit', (code, signal) => {
      problem = `it ended with ${signal ?? code}:\n${readFileSync(logPath, 'utf8').slice(-2_000)}`
    })
    if (started.pid !== undefined) guardian.watch(started.pid)
    await until(command.ready, { what: `The start of ${name}`, failed: () => problem })
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    const running = child
    child = undefined
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return
    const exited = once(running, 'exit')
    running.kill(signal)
    const impatient = setTimeout(() => running.kill('SIGKILL'), stopLimitMs)
    await exited
    clearTimeout(impatient)
  }

  async function remove(): Promise<void> {
    await end('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
    guardian.end()
  }

  try {
    await command.prepare?.(folder)
    await start()
  } catch (error) {
    await remove()
    throw error
  }
  return { folder, start, pause: () => end(command.stopSignal ?? 'SIGTERM'), kill: () => end('SIGKILL'), remove }
}

// Reads pids until its input ends, which happens also when the tests are killed; then ends them and their folder.
const guardianProgram = `
  let text = ''
  process.stdin.on('data', (chunk) => { text += chunk })
  process.stdin.on('end', () => {
    const lines = text.split('\\n')
    if (lines.includes('done')) return
    for (const pid of lines.filter((line) => /^[0-9]+$/.test(line)).map(Number).slice(-1)) {
      try { process.kill(pid, 'SIGKILL') } catch {}
    }
    setTimeout(() => require('node:fs').rmSync(process.argv[1], { recursive: true, force: true, maxRetries: 5 }), 200)
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {})
`

function startGuardian(folder: string): { watch(pid: number): void; end(): void } {
  const child = spawn(process.execPath, ['-e', guardianProgram, folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    // In a group of its own, so that an interrupt from the terminal does not end it before its work.
    detached: true,
  })
  child.unref()
  child.stdin.on('error', () => {})
  return {
    watch: (pid) => void child.stdin.write(`${pid}\n`),
    end: () => void child.stdin.end('done\n'),
  }
}
