// A client whose process ends between two commands, also where one call of the store sends several.
import { endingMethods, type KillStage, type Lifeline, lifeline } from '@mcpvault/testkit/campaign'
import type { MongoClient } from 'mongodb'
import { type MongoCollection, type MongoStoreOptions, mongoStore } from '../../src/index.ts'
import { freshStore } from './stores.ts'

const commands = ['findOne', 'insertOne', 'insertMany', 'updateOne', 'deleteOne', 'bulkWrite', 'createIndexes']

/** A store of a process that ends, and one of another process. */
export async function killStage(client: MongoClient): Promise<KillStage> {
  const line = lifeline()
  const { store: plain, prefix } = await freshStore(client)
  const ending = await mongoStore({ client: endingClient(client, line), database: 'vaults', prefix })
  // The collections stay: they have a prefix of their own, and the server goes with the test.
  return { ending, plain, line, close: async () => {} }
}

export function endingClient(client: MongoClient, line: Lifeline): MongoStoreOptions['client'] {
  return {
    options: client.options,
    db(name) {
      const database = endingMethods(client.db(name), ['command'], line)
      return {
        command: (command) => database.command(command),
        watch: (pipeline, options) => database.watch(pipeline, options),
        collection: (collection, options) => endingCollection(database.collection(collection, options), line),
      }
    },
    startSession() {
      const session = client.startSession()
      const commit = session.commitTransaction.bind(session)
      // The driver needs the session itself. A server aborts what an ended process left open, so aborting is not counted.
      return Object.assign(session, { commitTransaction: async () => await line.send(commit) })
    },
  }
}

function endingCollection(collection: MongoCollection, line: Lifeline): MongoCollection {
  const ending = endingMethods(collection, commands, line)
  return new Proxy(ending, {
    get: (target, key) =>
      key === 'find'
        ? (...args: Parameters<MongoCollection['find']>) => endingMethods(collection.find(...args), ['toArray'], line)
        : Reflect.get(target, key),
  })
}
