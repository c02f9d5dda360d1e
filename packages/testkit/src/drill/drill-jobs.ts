// What the other processes of a drill do: read and write all the time, rewrap, or rekey.
import { createVault, type KeyProvider, type VaultOperator } from '@mcpvault/core'
import { interceptStore } from '@mcpvault/core/testing'
import type { Tell } from '../history/jobs.ts'
import type { OwnStore } from '../history/vault-jobs.ts'
import { operatorPrincipal, testPolicy } from '../vaults/principals.ts'
import { type Population, server } from './population.ts'
import { startTraffic, type Traffic, type TrafficReport } from './traffic.ts'

/** A store and a key provider that a process opened. */
export interface OwnParts extends OwnStore {
  readonly keys: KeyProvider
}

export interface Reading<Address> {
  readonly address: Address
  readonly population: Population
}

export interface Working<Address> {
  readonly address: Address
  /** The owners whose secrets get new data keys, in the order of the work. A rewrap takes every data key. */
  readonly owners: readonly string[]
  /** How many writes the process gets done: the one after them is under way when the process is killed. */
  readonly writes: number
}

/** What a worker tells while it works: a write that was stored, an owner who is done, and that no more writes are due. */
export type WorkNews =
  | { readonly kind: 'stored' }
  | { readonly kind: 'owner'; readonly owner: string }
  | { readonly kind: 'over' }

/** Those of a rewrap and a rekey. The first ones replace data keys, the others secrets. */
const writeNames: readonly string[] = ['dataKeys.replace', 'secrets.put']

/** Nothing resolves it. */
const untilKilled = new Promise<never>(() => {})

/** The jobs of a process that opens a store and a key provider by an address. */
export function drillJobs<Address>(open: (address: Address) => Promise<OwnParts>) {
  let running: { readonly traffic: Traffic; close(): Promise<void> } | undefined

  return {
    /** Reads and writes from now on; answers when that is under way. */
    async readAndWrite({ address, population }: Reading<Address>): Promise<void> {
      const { store, keys, close } = await open(address)
      const vault = createVault({ store, keys, policy: testPolicy })
      const traffic = startTraffic(vault, population)
      running = {
        traffic,
        async close() {
          await vault.close()
          await close()
        },
      }
      await traffic.underWay
    },

    async stop(): Promise<TrafficReport> {
      if (running === undefined) throw new Error('Nobody reads or writes.')
      const report = await running.traffic.stop()
      await running.close()
      return report
    },

    async rewrap(work: Working<Address>, tell: Tell): Promise<void> {
      await operate(work, tell, async (operator) => {
        const { quarantined } = await operator.rewrap()
        if (quarantined.length > 0) throw new Error(`Data keys were left: ${JSON.stringify(quarantined)}`)
      })
    },

    async rekey(work: Working<Address>, tell: Tell): Promise<void> {
      await operate(work, tell, async (operator) => {
        for (const owner of work.owners) {
          const { skipped } = await operator.rekey({ owner, server })
          if (skipped.length > 0) throw new Error(`Secrets were left: ${JSON.stringify(skipped)}`)
          await tell({ kind: 'owner', owner } satisfies WorkNews)
        }
      })
    },
  }

  async function operate(
    { address, writes }: Working<Address>,
    tell: Tell,
    work: (operator: VaultOperator) => Promise<void>,
  ): Promise<void> {
    const { store, keys, close } = await open(address)
    const turns = takeTurns(writes)
    const telling = interceptStore(store, async ({ name, run }) => {
      if (!writeNames.includes(name)) return await run()
      const turn = await turns.begin()
      if (turn !== 'due') {
        // One write is under way when the process is killed.
        if (turn === 'first too many') void Promise.resolve(run()).catch(() => undefined)
        await tell({ kind: 'over' } satisfies WorkNews)
        await untilKilled
      }
      let isStored = false
      try {
        const answer = await run()
        isStored = answer === true
        if (isStored) await tell({ kind: 'stored' } satisfies WorkNews)
        return answer
      } finally {
        turns.end(isStored ? 'stored' : 'not stored')
      }
    })
    const vault = createVault({ store: telling, keys, policy: testPolicy })
    await work(vault.operator(operatorPrincipal))
    await vault.close()
    await close()
  }
}

/**
 * Lets so many writes be stored. One that comes while as many are under way waits for how they end: no more are due only
 * when all are stored, so that a life gets them done, however soon after that it is ended.
 */
function takeTurns(writes: number) {
  let stored = 0
  let underWay = 0
  let tooMany = 0
  const waiting: (() => void)[] = []
  return {
    async begin(): Promise<'due' | 'first too many' | 'too many'> {
      while (stored < writes && stored + underWay >= writes) {
        await new Promise<void>((resolve) => waiting.push(resolve))
      }
      if (stored >= writes) {
        tooMany += 1
        return tooMany === 1 ? 'first too many' : 'too many'
      }
      underWay += 1
      return 'due'
    },
    end(how: 'stored' | 'not stored'): void {
      underWay -= 1
      if (how === 'stored') stored += 1
      for (const wake of waiting.splice(0)) wake()
    },
  }
}

/** The jobs as the test knows them. */
export type DrillJobs<Address> = ReturnType<typeof drillJobs<Address>>
