// The app as a newcomer starts it: a process of its own, with a data folder of its own.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'

export interface App {
  readonly url: string
  readonly folder: string
  /** The user's token at the issues API of the demo, as the terminal shows it at the first start. */
  token(user: 'alice' | 'bob'): string
  /** All that it has written to the terminal. */
  said(): string
  /** Asks it to stop, and gives its exit code. */
  stop(): Promise<number | null>
}

export const passwords = { alice: 'a password of alice', bob: 'a password of bob' } as const

const folder = join(import.meta.dirname, '..', '..')

/** A new folder below the system's own, removed at the end of the test. */
export function newFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'mcpvault-app-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** Starts it on a free port; it is stopped at the end of the test. */
export async function startApp(env: Readonly<Record<string, string>> = {}): Promise<App> {
  const data = env['DATA_FOLDER'] ?? newFolder()
  const child = spawn(process.execPath, [join(folder, 'src', 'main.mjs')], {
    cwd: folder,
    env: {
      PATH: process.env['PATH'],
      PORT: '0',
      ALICE_PASSWORD: passwords.alice,
      BOB_PASSWORD: passwords.bob,
      ...env,
      DATA_FOLDER: data,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exit = once(child, 'close')
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines: string[] = []
  const address = new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line)
        const at = /^Listening at (\S+)$/.exec(line)?.[1]
        if (at !== undefined) resolve(at)
      })
    }
    child.once('close', () => reject(new Error(`The app did not start:\n${lines.join('\n')}`)))
  })
  return {
    url: await address,
    folder: data,
    token(user) {
      const token = lines.map((line) => new RegExp(`^${user}: token .* (\\S+)$`).exec(line)?.[1]).find(Boolean)
      if (token === undefined) throw new Error(`The terminal shows no token of ${user}.`)
      return token
    },
    said: () => lines.join('\n'),
    async stop() {
      child.kill('SIGTERM')
      const [code]: (number | null)[] = await exit
      return code ?? null
    },
  }
}
