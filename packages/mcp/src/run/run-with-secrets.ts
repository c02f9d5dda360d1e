// Runs a program with the declared secrets in its environment, as an MCP server over stdio is run.
import { statSync } from 'node:fs'
import type { Writable } from 'node:stream'
import { createRedactor } from '../redact/index.ts'
import { runChild, type SignalSource } from './child.ts'
import { type EnvOptions, envFor } from './env-for.ts'
import { exitCodes, failureExitCode } from './exit-codes.ts'

export interface RunOptions extends EnvOptions {
  /** The program: a path, or a name that is looked for in `PATH`. No shell reads it. */
  readonly command: string
  readonly args?: readonly string[]
  /** Default: that of this process. */
  readonly cwd?: string
  /** Where the child's standard error and the messages of this function go. Default `process.stderr`. */
  readonly stderr?: Writable & { readonly isTTY?: boolean }
  /** Where signals that are passed on come from. Default `process`. */
  readonly signals?: SignalSource
}

/** How a run ended. */
export interface RunResult {
  /**
   * That of the child, or 128 and the number of the signal that ended it. Without a child: 2 options that make no sense,
   * 69 the vault cannot be reached, 70 another failure, 77 denied, 78 secrets missing or a vault that is not set up, 126 not
   * executable, 127 not found.
   */
  readonly exitCode: number
  /** Why no child was started; it was written to standard error too. */
  readonly message?: string
}

/**
 * Runs a program with the declared secrets in its environment (see `envFor`), and ends as it ends. Standard input and
 * output are the child's: not a byte of them is read or written here. Standard error is searched for the values, unless it
 * is a terminal. SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR2 and SIGCONT are passed on; SIGINT and SIGQUIT not when standard
 * input is a terminal, which sends them to the child itself. When `signal` aborts the child gets SIGTERM, and SIGKILL 10
 * seconds later. Nothing is started unless every secret is there: all that are missing are named at once.
 *
 * It rejects for wrong types only. Not tested on Windows.
 *
 * @example
 * ```ts
 * const { exitCode } = await runWithSecrets({
 *   session: vault.as({ id: 'alice' }),
 *   server: 'github',
 *   map: { GITHUB_TOKEN: 'token' },
 *   command: 'npx',
 *   args: ['-y', 'some-mcp-server'],
 * })
 * process.exitCode = exitCode
 * ```
 */
export async function runWithSecrets(options: RunOptions): Promise<RunResult> {
  const { command, args = [], cwd, stderr = process.stderr, signal, signals = process } = options
  const redactor = options.redactor ?? createRedactor()
  let env: Readonly<Record<string, string>>
  try {
    env = await envFor({ ...options, redactor })
  } catch (error) {
    if (error instanceof TypeError) throw error
    return failed(stderr, failureExitCode(error), error instanceof Error ? error.message : 'The vault failed.')
  }
  if (cwd !== undefined && !isFolder(cwd)) return failed(stderr, exitCodes.usage, 'cwd must be a folder that exists.')
  const { exitCode, error } = await runChild({ command, args, env, cwd, redactor, stderr, signal, signals })
  if (error === undefined) return { exitCode }
  const why = exitCode === exitCodes.notFound ? 'was not found' : `could not be started (${error.code})`
  return failed(stderr, exitCode, `${command} ${why}.`)
}

function failed(stderr: Writable, exitCode: number, message: string): RunResult {
  stderr.write(`mcpvault: ${message}\n`)
  return { exitCode, message }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}
