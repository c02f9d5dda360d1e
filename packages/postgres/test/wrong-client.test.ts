// What is given instead of a pool is refused at once, by name.
import pg from 'pg'
import { expect, test } from 'vitest'
import type { PostgresPool } from '../src/client.ts'
import { postgresStore } from '../src/index.ts'

const pool = new pg.Pool()
// As JavaScript gives it, without the types.
const given = (value: unknown): PostgresPool => value as PostgresPool

test.each([
  ['a Client of pg', new pg.Client(), /must be a Pool of pg.*: a Client of pg/],
  ['knex', Object.assign(() => undefined, { raw: () => undefined, migrate: {} }), /knex was given/],
  ['an address', 'postgres://user@host/database', /a text was given/],
  ['nothing', undefined, /nothing was given/],
])('%s is refused as pool', (_what, value, message) => {
  expect(() => postgresStore({ pool: given(value) })).toThrow(refused('pool', message))
})

test('the other pools are looked at too', () => {
  const client = given(new pg.Client())
  expect(() => postgresStore({ pool, replica: client })).toThrow(refused('replica', /a Client of pg/))
  expect(() => postgresStore({ pool, rls: true, operatorPool: client })).toThrow(
    refused('operatorPool', /Client of pg/),
  )
  expect(postgresStore({ pool }).id).toBe('postgres')
})

function refused(field: string, message: RegExp) {
  return expect.objectContaining({ code: 'VAULT_CONFIG_INVALID', field, message: expect.stringMatching(message) })
}
