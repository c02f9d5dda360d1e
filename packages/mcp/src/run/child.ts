// The child process: started without a shell, given every signal, and its standard error without values.
import type { ChildProcess } from 'node:child_process'
import type { Writable } from 'node:stream'
import spawn from 'cross-spawn'
import type { Redactor } from '../redact/index.ts'
import { exitCodeOf, spawnExitCode } from './exit-codes.ts'

export interface ChildOptions {
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string | undefined
  readonly redactor: Redactor
  readonly stderr: Writable & { readonly isTTY?: boolean }
  readonly signal: AbortSignal | undefined
  readonly signals: SignalSource
}

/** Where signals to this process come from. */
export interface SignalSource {
  on(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown
  off(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown
}

/** How a child ended: by itself, or not begun because of `error`. */
export interface ChildEnd {
  readonly exitCode: number
  readonly error?: NodeJS.ErrnoException
}

const forwarded: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2', 'SIGCONT']
/** A terminal sends these to every process in front of it, the child among them. */
const ofTerminal: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT']
/** How long the rest of standard error may take after the end: a grandchild may hold it open. */
const drainMs = 1_000
/** How long a child may take to end when the run was aborted. */
const killMs = 10_000

export async function runChild(options: ChildOptions): Promise<ChildEnd> {
  const { command, args, env, cwd, stderr, signal, signals } = options
  // A terminal is left to the child as it is: it may draw on it, and nobody but the user reads it.
  const isMasked = stderr !== process.stderr || process.stderr.isTTY !== true
  let child: ChildProcess
  try {
    child = spawn(command, [...args], {
      env,
      shell: false,
      stdio: ['inherit', 'inherit', isMasked ? 'pipe' : 'inherit'],
      ...(cwd === undefined ? {} : { cwd }),
    })
  } catch (error) {
    // Node tells some failures by an event and throws the others, such as an environment that is too large.
    if (!isSystemError(error)) throw error
    return { exitCode: spawnExitCode(error), error }
  }
  const drained = drain(child, options)
  const forward = (received: NodeJS.Signals): void => {
    if (!(process.stdin.isTTY === true && ofTerminal.includes(received))) child.kill(received)
  }
  let killer: NodeJS.Timeout | undefined
  const abort = (): void => {
    child.kill('SIGTERM')
    killer = setTimeout(() => child.kill('SIGKILL'), killMs)
  }
  for (const each of forwarded) signals.on(each, forward)
  signal?.addEventListener('abort', abort, { once: true })
  if (signal?.aborted === true) abort()
  try {
    return await ended(child)
  } finally {
    clearTimeout(killer)
    signal?.removeEventListener('abort', abort)
    for (const each of forwarded) signals.off(each, forward)
    await drained()
  }
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error
}

function ended(child: ChildProcess): Promise<ChildEnd> {
  return new Promise((resolve) => {
    child.once('error', (error) => {
      // Also the error of a signal that could not be sent, when the child runs.
      if (child.pid === undefined) resolve({ exitCode: spawnExitCode(error), error })
    })
    child.once('exit', (code, signal) => resolve({ exitCode: exitCodeOf(code, signal) }))
  })
}

/** Copies standard error without values. What is given back waits for the rest of it. */
function drain(child: ChildProcess, { redactor, stderr }: ChildOptions): () => Promise<void> {
  if (child.stderr === null || child.stderr === undefined) return async () => {}
  const clean = redactor.stream()
  child.stderr.pipe(clean)
  // Closed without an end when no child could be started.
  child.stderr.once('close', () => clean.end())
  clean.pipe(stderr, { end: false })
  // Who reads it may be gone. The child goes on, and what it writes there is dropped.
  const drop = (): void => {
    clean.unpipe(stderr)
    clean.resume()
  }
  stderr.on('error', drop)
  const all = new Promise<void>((resolve) => clean.once('end', resolve))
  return async () => {
    let limit: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => {
      limit = setTimeout(() => {
        child.stderr?.unpipe(clean)
        child.stderr?.destroy()
        clean.end()
        resolve()
      }, drainMs)
    })
    await Promise.race([all, late])
    clearTimeout(limit)
    stderr.off('error', drop)
  }
}
