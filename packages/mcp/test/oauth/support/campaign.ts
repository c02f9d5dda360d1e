// Many processes that find tokens expired at the same moment, again and again, and some that are killed in the middle.
import { createVault, generateKey, keyRing } from '@mcpvault/core'
import { type WorkerProcess, type WorkerProgram, workerProgram } from '@mcpvault/testkit/history'
import { oauth } from '../../../src/oauth/index.ts'
import { publicClient, startAuthorizationServer } from './authorization-server.ts'
import type { CampaignStore } from './campaign-stores.ts'
import type { RenewJobs } from './renew-program.ts'

/** When a process is killed: before the server has taken its request, or after, before the answer is there. */
export type Kill = 'before' | 'after'

export interface Campaign {
  readonly program: WorkerProgram<RenewJobs>
  readonly on: CampaignStore
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

/** The program of the processes; the caller removes it. */
export function renewProgram(): Promise<WorkerProgram<RenewJobs>> {
  const entry = new URL('renew-program.ts', import.meta.url)
  return workerProgram({ entry, external: ['libsql', 'pg'] })
}

/** Runs a campaign on a new store and a server of its own. */
export async function runCampaign(campaign: Campaign): Promise<CampaignResult> {
  const { on, rounds, kills } = campaign
  const key = generateKey()
  const vault = createVault({ keys: keyRing({ current: 'main#1', keys: { 'main#1': key } }), store: on.store })
  const scope = vault.as({ id: 'alice' }).scope({ server: 'crm' })
  const server = await startAuthorizationServer()
  const running = startProcesses(campaign, key)
  let signIns = 0
  const wrong: string[] = []

  async function signIn(): Promise<number> {
    const refresh_token = await server.signIn(publicClient.client_id)
    const refresh = { token_endpoint: server.tokenEndpoint, client_id: publicClient.client_id }
    const { value, settings } = oauth({ answer: { access_token: 'x', refresh_token }, refresh, hosts: ['127.0.0.1'] })
    return (await scope.set('tokens', value, settings)).version
  }

  /** Kills the process that asks next. Gives back the end of the lock that it leaves. */
  function killAt(kill: Kill | undefined, lock: string): () => Promise<void> {
    let ended: Promise<void> | undefined
    const killAsker = (name: unknown): boolean => {
      if (ended !== undefined || !running.kill(String(name))) return false
      ended = on.endLock(lock)
      return true
    }
    server.before = async (request, response) => {
      if (kill !== 'before' || !killAsker(request.headers['x-process'])) return false
      response.destroy()
      return true
    }
    server.afterToken = (request) => {
      if (kill === 'after') killAsker(request.headers['x-process'])
    }
    return async () => ended
  }

  try {
    let version = await signIn()
    const lock = `renew/${(await scope.describe('tokens'))?.id}`
    for (let round = 1; round <= rounds; round++) {
      const kill = kills.get(round)
      const lockEnded = killAt(kill, lock)
      // The tokens are over.
      await scope.update('tokens', { freshUntil: new Date(Date.now() - 1_000) })
      const said = await running.renew()
      await lockEnded()
      const info = await scope.describe('tokens')
      const token = (await scope.get('tokens'))?.fields()['access_token']
      const isSignIn = info?.needsSignIn === true && kill === 'after'
      const expected = isSignIn ? 'VAULT_SIGN_IN_REQUIRED' : `${version + 1} ${token}`
      if (isSignIn) signIns += 1
      if (said.join() !== expected) wrong.push(`${said.join()} instead of ${expected} in round ${round}`)
      version = isSignIn ? await signIn() : version + 1
    }
    return { ...server.counts, signIns, killed: running.killed(), wrong }
  } finally {
    await running.end()
    await server.close()
    await vault.close()
    await on.close()
  }
}

/** So many processes at any time: another one is started for each that was killed. */
function startProcesses({ program, on, processes, callers }: Campaign, key: string) {
  const running = new Map<string, WorkerProcess<RenewJobs>>()
  const dead = new Set<string>()
  let started = 0
  const fill = (): void => {
    for (; running.size < processes; started += 1) running.set(`process ${started}`, program.start())
  }
  fill()
  return {
    /** The answers of all callers of all processes that live, each once. */
    async renew(): Promise<readonly string[]> {
      const answers = await Promise.all([...running].map(([name, process]) => renewIn(name, process)))
      for (const name of dead) running.delete(name)
      fill()
      return [...new Set(answers.flat())]
    },
    /** False when there is no such process, or it is dead already. */
    kill(name: string): boolean {
      const process = running.get(name)
      if (process === undefined || dead.has(name)) return false
      dead.add(name)
      void process.kill()
      return true
    },
    killed: () => dead.size,
    end: () => Promise.all([...running.values()].map((process) => process.kill())),
  }

  async function renewIn(name: string, process: WorkerProcess<RenewJobs>): Promise<readonly string[]> {
    try {
      return await process.run('renew', { address: on.address, key, callers, process: name })
    } catch (error) {
      // Who was killed has no answer.
      if (dead.has(name)) return []
      throw error
    }
  }
}
