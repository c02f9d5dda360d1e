// What the other processes of a drill do: read and write all the time, rewrap, or rekey.
import { createVault, type KeyProvider } from '@mcpvault/core'
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
}

/** What a worker tells while it works: a write of its own that was stored, and an owner who is done. */
export type WorkNews = { readonly kind: 'stored' } | { readonly kind: 'owner'; readonly owner: string }

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

    async rewrap({ address }: Working<Address>, tell: Tell): Promise<void> {
      await operate(address, tell, async (operator) => {
        const { quarantined } = await operator.rewrap()
        if (quarantined.length > 0) throw new Error(`Data keys were left: ${JSON.stringify(quarantined)}`)
      })
    },

    async rekey({ address, owners }: Working<Address>, tell: Tell): Promise<void> {
      await operate(address, tell, async (operator) => {
        for (const owner of owners) {
          const { skipped } = await operator.rekey({ owner, server })
          if (skipped.length > 0) throw new Error(`Secrets were left: ${JSON.stringify(skipped)}`)
          await tell({ kind: 'owner', owner } satisfies WorkNews)
        }
      })
    },
  }

  async function operate(
    address: Address,
    tell: Tell,
    work: (operator: ReturnType<ReturnType<typeof createVault>['operator']>) => Promise<void>,
  ): Promise<void> {
    const { store, keys, close } = await open(address)
    const telling = interceptStore(store, async ({ name, run }) => {
      const answer = await run()
      const isStored = (name === 'dataKeys.replace' || name === 'secrets.put') && answer === true
      if (isStored) await tell({ kind: 'stored' } satisfies WorkNews)
      return answer
    })
    const vault = createVault({ store: telling, keys, policy: testPolicy })
    await work(vault.operator(operatorPrincipal))
    await vault.close()
    await close()
  }
}

/** The jobs as the test knows them. */
export type DrillJobs<Address> = ReturnType<typeof drillJobs<Address>>
