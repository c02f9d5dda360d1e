// What is given to a store instead of its driver's client is refused by name.
import { expect, test } from 'vitest'
import { refuseOtherClient } from '../../src/adapter/index.ts'

const wanted = { field: 'pool', wanted: 'a Pool of pg', functions: ['connect'] }
const noop = (): void => undefined
const throwing = Object.defineProperty({}, 'connect', {
  get() {
    throw new Error('not connected')
  },
})

test('a client with the functions that the store calls is taken', () => {
  expect(() => refuseOtherClient({ connect: noop }, wanted)).not.toThrow()
  class Pool {
    connect(): void {}
  }
  expect(() => refuseOtherClient(new Pool(), wanted)).not.toThrow()
})

test.each([
  ['nothing', undefined, 'nothing was given.'],
  ['null', null, 'nothing was given.'],
  ['an address', 'postgres://user:password@host/db', 'a text was given.'],
  ['a number', 1, 'a plain value was given.'],
  ['a function', noop, 'a function was given.'],
  ['a promise', Promise.resolve({ connect: noop }), 'a promise was given.'],
  ['an empty object', {}, 'another object was given.'],
  ['an object whose property throws', throwing, 'another object was given.'],
  [
    'a Client of pg',
    { connect: noop, connectionParameters: {} },
    'a Client of pg, which is one connection, was given.',
  ],
  ['a client of Prisma', { $connect: noop, $transaction: noop }, 'a client of Prisma was given.'],
  ['knex', Object.assign(() => undefined, { raw: noop, migrate: {} }), 'knex was given.'],
  ['pg-promise', { $pool: {}, $config: {}, connect: noop }, 'a database of pg-promise was given. Give its $pool.'],
  ['a pool of slonik', { connect: noop, oneFirst: noop, anyFirst: noop }, 'a pool of slonik was given.'],
])('%s is refused', (_what, given, said) => {
  expect(() => refuseOtherClient(given, wanted)).toThrow(
    expect.objectContaining({
      code: 'VAULT_CONFIG_INVALID',
      field: 'pool',
      detail: `must be a Pool of pg: ${said}`,
    }),
  )
})
