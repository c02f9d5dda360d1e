// Arrays of parameters arrive as they were sent.
import { describeWith, startPostgres } from '@mcpvault/testkit'
import { fc } from '@mcpvault/testkit/property'
import type pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bigintArray, bytesArray, textArray } from '../src/array-parameters.ts'
import { freshPool } from './support/stores.ts'

describeWith('arrays of parameters', startPostgres, (server) => {
  let pool: pg.Pool
  beforeAll(async () => {
    pool = await freshPool(server())
  })
  afterAll(() => pool.end())

  const echo = async (type: string, bytes: Buffer): Promise<readonly unknown[]> => {
    const { rows } = await pool.query(
      `SELECT u FROM unnest($1::${type}[]) WITH ORDINALITY t(u, place) ORDER BY place`,
      [bytes],
    )
    return rows.map(({ u }) => u ?? undefined)
  }
  const arrayOf = <T>(values: fc.Arbitrary<T>) => fc.array(values, { maxLength: 20 })
  const optional = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: undefined })
  // Postgres stores no NUL in text; names of the vault have none.
  const text = fc.string({ unit: 'binary' }).filter((each) => !each.includes('\0') && each.isWellFormed())

  test('of text keep quotes, commas, nothing and every script apart', async () => {
    expect(await echo('text', textArray(['{a,b}', '"', '\\', 'NULL', '', undefined, '🔑']))).toEqual([
      '{a,b}',
      '"',
      '\\',
      'NULL',
      '',
      undefined,
      '🔑',
    ])
    await fc.assert(
      fc.asyncProperty(arrayOf(optional(text)), async (values) => {
        expect(await echo('text', textArray(values))).toEqual(values)
      }),
      { numRuns: 50 },
    )
  })

  test('of whole numbers keep every safe one', async () => {
    const edges = [0, -1, 1, 2 ** 32, -(2 ** 32) - 1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]
    await fc.assert(
      fc.asyncProperty(arrayOf(optional(fc.oneof(fc.maxSafeInteger(), fc.constantFrom(...edges)))), async (values) => {
        expect(await echo('bigint', bigintArray(values))).toEqual(values.map((value) => value?.toString()))
      }),
      { numRuns: 50 },
    )
  })

  test('of bytes keep every byte', async () => {
    await fc.assert(
      fc.asyncProperty(arrayOf(optional(fc.uint8Array({ maxLength: 40 }))), async (values) => {
        const wanted = values.map((each) => each && Buffer.from(each))
        expect(await echo('bytea', bytesArray(values))).toEqual(wanted)
      }),
      { numRuns: 50 },
    )
  })
})
