// Stores on a real server: a prefix of collections for each store.
import type { MongoServer } from '@mcpvault/testkit'
import { MongoClient } from 'mongodb'
import { type MongoStoreOptions, mongoStore } from '../../src/index.ts'
import { tamperWith } from './tamper.ts'

let prefixes = 0

/**
 * A client that looks at a server again half a second after an error that speaks of a new primary, where the default is
 * ten seconds: a server that only pretends to step down has no news that would end the wait before.
 */
export async function clientOn({ url }: Pick<MongoServer, 'url'>, options = {}): Promise<MongoClient> {
  return await new MongoClient(url, {
    serverSelectionTimeoutMS: 5_000,
    heartbeatFrequencyMS: 500,
    ...options,
  }).connect()
}

/** A migrated store with collections of its own. */
export async function freshStore(client: MongoClient, options: Partial<MongoStoreOptions> = {}) {
  prefixes += 1
  const prefix = options.prefix ?? `vault_${process.pid}_${prefixes}_`
  const open = (more: Partial<MongoStoreOptions> = {}) =>
    mongoStore({ client, database: 'vaults', prefix, ...options, ...more })
  const store = await open()
  await store.migrate()
  const drop = async (): Promise<void> => {
    const database = client.db('vaults')
    const names = ['secrets', 'data_keys', 'audit', 'streams', 'checkpoints', 'meta', 'locks']
    for (const name of names) await database.collection(`${prefix}${name}`).drop()
  }
  return { store, prefix, open, tamper: tamperWith(client, prefix), drop }
}
