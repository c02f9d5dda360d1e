// Runs a program of the machine and gives what it printed.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { buffer } from 'node:stream/consumers'

const limitMs = 10 * 60_000

export interface ProgramRun {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  readonly user?: { readonly uid: number; readonly gid: number } | undefined
}

/**
 * Resolves with standard output; throws with both outputs when the program fails. It ends with this process, together
 * with the programs that it started.
 */
export async function runProgram(
  file: string,
  args: readonly string[],
  { cwd, env, user }: ProgramRun = {},
): Promise<string> {
  const child = spawn(file, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // In a group of its own, which can be ended as one.
    detached: true,
    ...user,
  })
  const end = (): void => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) process.kill(-child.pid)
  }
  const limit = setTimeout(end, limitMs)
  process.once('exit', end)
  try {
    const ended = new Promise<string | undefined>((resolve) => {
      child.once('error', (error) => resolve(error.message))
      child.once('close', (code, signal) => resolve(code === 0 ? undefined : `it ended with ${signal ?? code}`))
    })
    const [failure, stdout, stderr] = await Promise.all([ended, buffer(child.stdout), buffer(child.stderr)])
    if (failure === undefined) return stdout.toString('utf8')
    throw new Error(`${file} ${args[0] ?? ''} failed: ${failure}\n${stdout}${stderr}`.slice(0, 4_000))
  } finally {
    clearTimeout(limit)
    process.off('exit', end)
  }
}

/** The path of a program in the folders of PATH, or undefined. */
export function findProgram(name: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path))
}
