// A program of a test whose clients have no listener of their own: a vault on a server that is restarted meanwhile.
import { createVault, generateKey, keyRing, type StoreChange } from '@mcpvault/core'
import { serveJobs } from '@mcpvault/testkit/history/worker'
import { Cluster, Redis } from 'ioredis'
import { redisStore } from '../../src/index.ts'
import type { Node } from './stores.ts'

export interface ProgramAddress {
  /** One for a server, more for a cluster. */
  readonly nodes: readonly Node[]
  readonly prefix: string
}

const printed: string[] = []
console.error = (...texts: readonly unknown[]): void => void printed.push(texts.join(' '))

let running: ReturnType<typeof open> | undefined

function open({ nodes, prefix }: ProgramAddress) {
  const warnings: { readonly fields: Readonly<Record<string, unknown>>; readonly message: string }[] = []
  const logger = {
    warn: (fields: Readonly<Record<string, unknown>>, message: string) => void warnings.push({ fields, message }),
  }
  const [node] = nodes
  const options = { retryStrategy: () => 20, maxRetriesPerRequest: 1 }
  const client =
    nodes.length > 1
      ? new Cluster([...nodes], { clusterRetryStrategy: () => 20 })
      : new Redis({ ...options, host: String(node?.host), port: Number(node?.port) })
  const subscriber = new Redis({ ...options, host: String(node?.host), port: Number(node?.port) })
  const store = redisStore({ client, subscriber, prefix, logger })
  const vault = createVault({ keys: keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } }), store })
  const changes: StoreChange[] = []
  store.watch?.((change) => changes.push(change))
  return { vault, store, warnings, scope: vault.as({ id: 'alice' }).scope({ server: 'github' }) }
}

function opened() {
  if (running === undefined) throw new Error('The vault was not opened.')
  return running
}

export const jobs = {
  async open(address: ProgramAddress): Promise<void> {
    running = open(address)
    await running.store.migrate()
    await running.scope.set('token', 'before')
  },
  /** The code of the error of one call; undefined when it was answered. */
  async get(): Promise<string | undefined> {
    try {
      await opened().scope.get('token')
      return undefined
    } catch (error) {
      return error instanceof Error && 'code' in error ? String(error.code) : 'another error'
    }
  },
  async set(): Promise<number> {
    return (await opened().scope.set('token', 'after')).version
  },
  async report(): Promise<{ readonly warnings: ReturnType<typeof opened>['warnings']; readonly printed: string[] }> {
    return { warnings: opened().warnings, printed }
  },
}

serveJobs(jobs)
