// A program of a test whose client has no listener of its own: a vault on a server that is restarted meanwhile.
import { createVault, generateKey, keyRing } from '@mcpvault/core'
import { serveJobs } from '@mcpvault/testkit/history/worker'
import { MongoClient } from 'mongodb'
import { mongoStore } from '../../src/index.ts'

export interface ProgramAddress {
  readonly url: string
  readonly prefix: string
}

let running: Awaited<ReturnType<typeof open>> | undefined

async function open({ url, prefix }: ProgramAddress) {
  const client = new MongoClient(url, { serverSelectionTimeoutMS: 2_000, heartbeatFrequencyMS: 500 })
  const store = await mongoStore({ client, database: 'vaults', prefix, watch: true })
  await store.migrate()
  const vault = createVault({ keys: keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } }), store })
  store.watch?.(() => {})
  return vault.as({ id: 'alice' }).scope({ server: 'github' })
}

function opened() {
  if (running === undefined) throw new Error('The vault was not opened.')
  return running
}

export const jobs = {
  async open(address: ProgramAddress): Promise<void> {
    running = await open(address)
    await running.set('token', 'before')
  },
  /** The code of the error of one call; undefined when it was answered. */
  async get(): Promise<string | undefined> {
    try {
      await opened().get('token')
      return undefined
    } catch (error) {
      return error instanceof Error && 'code' in error ? String(error.code) : 'another error'
    }
  },
  async set(): Promise<number> {
    return (await opened().set('token', 'after')).version
  },
}

serveJobs(jobs)
