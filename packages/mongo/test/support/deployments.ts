// Both kinds of deployment: the same tests on a replica set, which has transactions, and on a standalone server.
import { describeWith, type MongoServer, startMongo } from '@mcpvault/testkit'
import type { MongoClient } from 'mongodb'
import { afterAll, beforeAll } from 'vitest'
import { clientOn } from './stores.ts'

export interface Deployment {
  /** What it is, for titles. */
  readonly name: string
  readonly standalone: boolean
  /** Within tests and hooks. */
  server(): MongoServer
  client(): MongoClient
}

/** Registers tests on each; the title is made from what the deployment is. */
export function describeOnEach(titleOf: (name: string) => string, tests: (deployment: Deployment) => void): void {
  for (const standalone of [false, true]) {
    const name = standalone ? 'a standalone MongoDB' : 'a MongoDB replica set'
    describeWith(
      titleOf(name),
      () => startMongo({ standalone }),
      (server) => {
        let client: MongoClient
        beforeAll(async () => {
          client = await clientOn(server())
        })
        afterAll(() => client.close())
        tests({ name, standalone, server, client: () => client })
      },
    )
  }
}
