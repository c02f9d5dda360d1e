// A program of the machine as a process of its own.
import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { type Ending, type Launch, type Launched, stopLimitMs } from './launch.ts'

export function startChildProcess(file: string, { args, env, user, folder, logPath }: Launch): Launched {
  const log = openSync(logPath, 'a', 0o600)
  const child = spawn(file, args, {
    cwd: folder,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', log, log],
    ...user,
  })
  closeSync(log)
  const ended = new Promise<Ending>((resolve) => {
    child.once('error', (error) => resolve({ how: error.message }))
    child.once('exit', (code, signal) => resolve({ code: code ?? undefined, how: `it ended with ${signal ?? code}` }))
  })
  return {
    pid: child.pid,
    ended,
    async end(signal) {
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
      child.kill(signal)
      const limit = setTimeout(() => child.kill('SIGKILL'), stopLimitMs)
      await ended
      clearTimeout(limit)
    },
  }
}
