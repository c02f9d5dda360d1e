// Many processes that find tokens expired at the same moment, again and again, and some that are killed in the middle.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { createVault, generateKey, keyRing, systemClock } from '@mcpvault/core'
import { sqliteStore } from '@mcpvault/sqlite'
import { build } from 'esbuild'
import { oauth } from '../../../src/oauth/index.ts'
import { publicClient, startAuthorizationServer } from './authorization-server.ts'

/** When a process is killed: before the server has taken its request, or after, before the answer is there. */
export type Kill = 'before' | 'after'

export interface Campaign {
  readonly processes: number
  readonly callers: number
  readonly rounds: number
  /** By round. */
  readonly kills: ReadonlyMap<number, Kill>
}

export interface CampaignResult {
  /** Requests that the server took. */
  readonly granted: number
  readonly refused: number
  readonly revoked: number
  /** Rounds in which somebody had to sign in again. */
  readonly signIns: number
  readonly killed: number
  /** What processes answered that they should not have. */
  readonly wrong: readonly string[]
}

/** Under this package's `node_modules`, so that the program finds the driver. */
const programPath = fileURLToPath(
  new URL(`../../../../sqlite/node_modules/.cache/renew-${process.pid}.mjs`, import.meta.url),
)

/** Builds the program of the processes. Returns the function that removes it. */
export async function buildProgram(): Promise<() => Promise<void>> {
  await build({
    entryPoints: [fileURLToPath(new URL('renew-program.ts', import.meta.url))],
    outfile: programPath,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['libsql'],
    conditions: ['mcpvault-source'],
    logLevel: 'error',
  })
  return () => rm(programPath, { force: true })
}

/** One process, which answers each round with one line. */
function startProcess(args: readonly string[]) {
  const child: ChildProcess = spawn(process.execPath, [programPath, ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
  const { stdin, stdout } = child
  if (stdin === null || stdout === null) throw new Error('The process has no pipes.')
  // A process that was killed takes no more input.
  stdin.on('error', () => undefined)
  let answer: (line: string | undefined) => void = () => undefined
  createInterface({ input: stdout }).on('line', (line) => answer(line))
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  void ended.then(() => answer(undefined))
  return {
    pid: child.pid,
    kill: () => child.kill('SIGKILL'),
    /** The answer to a round; undefined when the process was killed meanwhile. */
    ask: (round: number) =>
      new Promise<string | undefined>((resolve) => {
        answer = resolve
        stdin.write(`${round}\n`)
      }),
    end: () => {
      stdin.end()
      return ended
    },
  }
}

/** Runs a campaign on a file of its own and a server of its own. */
export async function runCampaign({ processes, callers, rounds, kills }: Campaign): Promise<CampaignResult> {
  const folder = mkdtempSync(join(tmpdir(), 'mcpvault-renew-'))
  const path = join(folder, 'vault.db')
  const key = generateKey()
  const keys = keyRing({ current: 'main#1', keys: { 'main#1': key } })
  const store = sqliteStore({ path }, { driver: 'libsql' })
  await store.migrate()
  // To this store every lock of the past minutes has ended.
  const later = { ...systemClock, now: () => new Date(Date.now() + 600_000) }
  const laterStore = sqliteStore({ path }, { driver: 'libsql', clock: later })
  const vault = createVault({ keys, store })
  const scope = vault.as({ id: 'alice' }).scope({ server: 'crm' })
  const server = await startAuthorizationServer()
  const start = () => startProcess([path, key, String(callers)])
  let running = Array.from({ length: processes }, start)
  const result = { signIns: 0, killed: 0 }
  const wrong: string[] = []

  async function signIn(): Promise<number> {
    const refresh_token = await server.signIn(publicClient.client_id)
    const refresh = { token_endpoint: server.tokenEndpoint, client_id: publicClient.client_id }
    const { value, settings } = oauth({ answer: { access_token: 'x', refresh_token }, refresh, hosts: ['127.0.0.1'] })
    return (await scope.set('tokens', value, settings)).version
  }

  /** What the end of the lock of a killed process does, without the wait. */
  async function endLock(id: string): Promise<void> {
    const name = `renew/${id}`
    if (await laterStore.locks.acquire(name, 'the next minutes', 1))
      await laterStore.locks.release(name, 'the next minutes')
  }

  function killAt(kill: Kill | undefined, id: string): void {
    let isArmed = kill !== undefined
    const killAsker = (pid: unknown): boolean => {
      const asker = running.find((each) => String(each.pid) === pid)
      if (!isArmed || asker === undefined) return false
      isArmed = false
      result.killed += 1
      asker.kill()
      return true
    }
    server.before = async (request, response) => {
      if (kill !== 'before' || !killAsker(request.headers['x-process'])) return false
      response.destroy()
      await endLock(id)
      return true
    }
    server.afterToken = (request) => {
      if (kill === 'after' && killAsker(request.headers['x-process'])) void endLock(id)
    }
  }

  try {
    let version = await signIn()
    const id = (await scope.describe('tokens'))?.id ?? ''
    for (let round = 1; round <= rounds; round++) {
      const kill = kills.get(round)
      killAt(kill, id)
      // The tokens are over.
      await scope.update('tokens', { freshUntil: new Date(Date.now() - 1_000) })
      const answers = await Promise.all(running.map(async (each) => ({ each, line: await each.ask(round) })))
      const said = new Set(answers.flatMap(({ line }) => (line === undefined ? [] : [line])))
      const info = await scope.describe('tokens')
      const token = (await scope.get('tokens'))?.fields()['access_token']
      const isSignIn = info?.needsSignIn === true && kill === 'after'
      const expected = isSignIn ? `${round} VAULT_SIGN_IN_REQUIRED` : `${round} ${version + 1} ${token}`
      if (isSignIn) result.signIns += 1
      if ([...said].join() !== expected) wrong.push(`${[...said].join()} instead of ${expected}`)
      running = answers.map(({ each, line }) => (line === undefined ? start() : each))
      version = isSignIn ? await signIn() : version + 1
    }
    return { ...server.counts, ...result, wrong }
  } finally {
    await Promise.all(running.map((each) => each.end()))
    await server.close()
    await vault.close()
    laterStore.close()
    store.close()
    rmSync(folder, { recursive: true, force: true })
  }
}
