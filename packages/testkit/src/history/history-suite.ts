// Three processes on one store: what each saw and wrote makes one history, which holds, also when one of them is killed.
import { generateKey, type Vault } from '@mcpvault/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { longTest } from '../campaign/extent.ts'
import { operatorPrincipal } from '../vaults/principals.ts'
import { type Answered, checkHistory, type Operation } from './check-history.ts'
import type { AddressedStore, ProcessSetting } from './process-setting.ts'
import { keptVersions, type News, shared, type VaultJobs, vaultOn } from './vault-jobs.ts'
import { type WorkerProgram, workerProgram } from './worker-process.ts'

const processes = ['first', 'second', 'third']
const secrets = 3
const concurrency = 3

/** Registers the tests for one store. */
export function historySuite<Address>(name: string, setting: ProcessSetting<Address>): void {
  describe(`three processes on ${name}`, longTest, () => {
    let program: WorkerProgram<VaultJobs<Address>>
    beforeAll(async () => {
      program = await workerProgram(setting.program)
    })
    afterAll(() => program.remove())

    test('[A27][N6] see versions that never go back, read their own writes, and lose and repeat none', async () => {
      const opened = await setting.open({ watch: false })
      const history = await runAll({ opened, killAfter: undefined })
      expect(new Set(history.map(({ process }) => process))).toEqual(new Set(processes))
      expect(history.filter(({ kind }) => kind === 'unanswered')).toEqual([])
      expect(checkHistory(history)).toEqual([])
      await opened.cleanup()
    })

    test('[A27][N6] keep what was acknowledged, and go on, when one of them is killed', async () => {
      const opened = await setting.open({ watch: false })
      const history = await runAll({ opened, killAfter: 40 })
      expect(checkHistory(history)).toEqual([])
      await opened.cleanup()
    })

    async function runAll({ opened, killAfter }: Run<Address>): Promise<readonly Operation[]> {
      const masterKey = generateKey()
      const histories = await Promise.all(
        processes.map(async (process, index) => {
          const worker = program.start()
          const recorder = record()
          const isVictim = killAfter !== undefined && index === 0
          const job = {
            ...{ address: opened.address, masterKey, process, seed: index + 1, concurrency, secrets },
            atEnd: isVictim ? ('wait' as const) : ('leave' as const),
          }
          const done = worker.run('readAndWrite', { ...job, operations: setting.operations ?? 100 }, (news) => {
            recorder.add(news)
            if (isVictim && recorder.received() === killAfter) void worker.kill()
          })
          await (isVictim ? expect(done).rejects.toThrow('SIGKILL') : done)
          if (isVictim) await setting.afterKill?.()
          await worker.kill()
          return recorder.history()
        }),
      )
      const history = histories.flat()
      const vault = vaultOn(opened.store, { masterKey })
      await expectKept(vault, history)
      await vault.close()
      return history
    }
  })
}

interface Run<Address> {
  readonly opened: AddressedStore<Address>
  /** After how many messages the first process is killed. */
  readonly killAfter: number | undefined
}

/** Collects what a process reports; a write stays unanswered until its answer is reported. */
function record() {
  const answered: Answered[] = []
  const open = new Map<string, Operation>()
  let received = 0
  return {
    add(told: unknown): void {
      // The program sends nothing but news.
      const news = told as News
      received += 1
      if (news.kind === 'unanswered') open.set(news.value, news)
      else if (news.value !== undefined) open.delete(news.value)
      if (news.kind === 'get' || news.kind === 'set') answered.push(news)
    },
    received: () => received,
    history: (): readonly Operation[] => [...answered, ...open.values()],
  }
}

/** Every acknowledged write can be read under its version, and the trail of all processes is whole. */
async function expectKept(vault: Vault, history: readonly Operation[]): Promise<void> {
  const scope = vault.as(shared.principal).scope({ server: shared.server })
  const written = history.filter((operation): operation is Answered => operation.kind === 'set')
  expect(Math.max(...written.map(({ version }) => version))).toBeLessThan(keptVersions)
  for (const { secret, version, value } of written) {
    expect((await scope.get(secret, { version }))?.reveal(), `${secret}, version ${version}`).toBe(value)
  }
  expect((await vault.operator(operatorPrincipal).verifyAudit()).problems).toEqual([])
}
