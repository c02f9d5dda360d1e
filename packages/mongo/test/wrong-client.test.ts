// What is given instead of a MongoClient is refused at once, by name.
import { MongoClient as Driver } from 'mongodb'
import { expect, test } from 'vitest'
import type { MongoClient } from '../src/client.ts'
import { mongoStore } from '../src/index.ts'

const noop = (): void => undefined
const connection = { models: {}, getClient: noop, startSession: noop, db: {} }

test.each<[string, unknown, RegExp]>([
  ['a connection of mongoose', connection, /must be a MongoClient.*mongoose was given\. Give its getClient\(\)\./],
  ['a Db', new Driver('mongodb://localhost').db('app'), /a Db of mongodb was given\. Give its client\./],
  ['an address', 'mongodb://localhost', /a text was given/],
  ['nothing', undefined, /nothing was given/],
])('%s is refused', async (_what, given, message) => {
  // As JavaScript gives it, without the types.
  await expect(mongoStore({ client: given as MongoClient })).rejects.toMatchObject({
    code: 'VAULT_CONFIG_INVALID',
    field: 'client',
    message: expect.stringMatching(message),
  })
})
