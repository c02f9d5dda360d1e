// What another process does with a vault: reads and writes that it reports, or holds a data key while others erase it.
import {
  type Clock,
  createVault,
  isVaultError,
  keyRing,
  type Vault,
  type VaultLimits,
  type VaultStore,
} from '@mcpvault/core'
import { seeded } from '../random.ts'
import { testPolicy } from '../vaults/principals.ts'
import type { Operation } from './check-history.ts'
import type { Tell } from './jobs.ts'

/** A vault of the tests, whose processes share a key. */
export function vaultOn(store: VaultStore, { masterKey, ...options }: VaultParts): Vault {
  const keys = keyRing({ current: 'main#1', keys: { 'main#1': masterKey } })
  return createVault({ store, keys, policy: testPolicy, ...options })
}

export interface VaultParts {
  readonly masterKey: string
  readonly limits?: VaultLimits
  readonly clock?: Clock
}

/** Whose secrets the processes read and write. */
export const shared = { principal: { id: 'alice' }, server: 'github' } as const

/** Where a store is, as it is sent to another process. */
interface At<Address> {
  readonly address: Address
  readonly masterKey: string
}

export interface ReadingAndWriting<Address> extends At<Address> {
  readonly process: string
  readonly seed: number
  /** How many are done, and how many of them at a time. */
  readonly operations: number
  readonly concurrency: number
  readonly secrets: number
  /** One that is to be killed waits for it: it must not be through before. */
  readonly atEnd: 'leave' | 'wait'
}

export interface Holding<Address> extends At<Address> {
  readonly limits: VaultLimits
}

/** A store that a process opened, and what closes it with the client it is on. */
export interface OwnStore {
  readonly store: VaultStore
  close(): Promise<void> | void
}

/** News of `readAndWrite`: a write that begins, what has been answered, and a write that did not happen. */
export type News = Operation | { readonly kind: 'lost'; readonly value: string }

/** More than any secret gets in a test, so that each acknowledged version can be read at the end. */
export const keptVersions = 100

/** Nothing resolves it. */
const untilKilled = new Promise<never>(() => {})

/** The jobs of a process that opens a store by its address. */
export function vaultJobs<Address>(open: (address: Address) => Promise<OwnStore>) {
  let held: { readonly vault: Vault; readonly close: OwnStore['close'] } | undefined
  const scopeOf = (vault: Vault) => vault.as(shared.principal).scope({ server: shared.server })

  return {
    /** Reports each read and write when it is answered, and each write before it begins. */
    async readAndWrite(job: ReadingAndWriting<Address>, tell: Tell): Promise<void> {
      const { store, close } = await open(job.address)
      const vault = vaultOn(store, { masterKey: job.masterKey, limits: { versions: keptVersions } })
      const random = seeded(job.seed)
      let begun = 0
      const caller = async (): Promise<void> => {
        while (begun < job.operations) {
          begun += 1
          const secret = `secret-${Math.floor(random() * job.secrets)}`
          const begin = { process: job.process, secret, vault, tell }
          await (random() < 0.6 ? readOnce(begin) : writeOnce({ ...begin, value: `${job.process} ${begun}` }))
        }
      }
      await Promise.all(Array.from({ length: job.concurrency }, caller))
      if (job.atEnd === 'wait') await untilKilled
      await vault.close()
      await close()
    },

    /** Opens a vault, and writes a first secret, so that the data key of its scope is cached. */
    async hold({ address, masterKey, limits }: Holding<Address>): Promise<void> {
      const { store, close } = await open(address)
      held = { vault: vaultOn(store, { masterKey, limits }), close }
      await scopeOf(held.vault).set('first', 'value')
    },

    /** Writes a new secret with the data key that this process has cached; answers with the time at which it began. */
    async set({ name }: { readonly name: string }): Promise<bigint> {
      if (held === undefined) throw new Error('No vault is open.')
      const begunNs = process.hrtime.bigint()
      await scopeOf(held.vault).set(name, name)
      return begunNs
    },

    async letGo(): Promise<void> {
      await held?.vault.close()
      await held?.close()
    },
  }

  async function readOnce({ vault, tell, ...about }: Begin): Promise<void> {
    const invokedNs = process.hrtime.bigint()
    const read = await scopeOf(vault).get(about.secret)
    const answeredNs = process.hrtime.bigint()
    await tell({ ...about, kind: 'get', version: read?.version ?? 0, value: read?.reveal(), invokedNs, answeredNs })
  }

  async function writeOnce({ vault, tell, ...about }: Begin & { readonly value: string }): Promise<void> {
    await tell({ ...about, kind: 'unanswered', invokedNs: process.hrtime.bigint() })
    const invokedNs = process.hrtime.bigint()
    try {
      const { version } = await scopeOf(vault).set(about.secret, about.value)
      await tell({ ...about, kind: 'set', version, invokedNs, answeredNs: process.hrtime.bigint() })
    } catch (error) {
      // A write that lost every race has not happened; after a retryable error the outcome is unknown.
      if (isVaultError(error, 'VAULT_CONFLICT')) await tell({ kind: 'lost', value: about.value })
      else if (!isVaultError(error) || !error.retryable) throw error
    }
  }
}

/** The jobs as the test knows them. */
export type VaultJobs<Address> = ReturnType<typeof vaultJobs<Address>>

interface Begin {
  readonly process: string
  readonly secret: string
  readonly vault: Vault
  readonly tell: Tell
}
