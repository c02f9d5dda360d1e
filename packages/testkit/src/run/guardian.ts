// Ends a server and removes its folder when the tests are killed and cannot do it themselves.
import { spawn } from 'node:child_process'

export interface Guardian {
  /** The process that is ended; a later one takes the place of an earlier one. */
  watch(pid: number): void
  /** Ends the guardian: the server is gone in good order. */
  end(): void
}

// Reads pids until its input ends, which also happens when the tests are killed.
const program = `
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

/** Starts a process that guards the server with this folder. */
export function startGuardian(folder: string): Guardian {
  const child = spawn(process.execPath, ['-e', program, folder], {
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
