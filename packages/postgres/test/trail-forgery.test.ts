// Attacks on the trail in PostgreSQL, by someone who may write every table.
import { auditColumnValues } from '@mcpvault/core/adapter'
import { describeWith, startPostgres } from '@mcpvault/testkit'
import { type Attack, type AttackedTrail, at, trailSuite } from '@mcpvault/testkit/suites'
import type pg from 'pg'
import { afterAll, beforeAll } from 'vitest'
import { auditColumns } from '../src/statements.ts'
import { freshPool, freshStore } from './support/stores.ts'

describeWith('Postgres', startPostgres, (server) => {
  let pool: pg.Pool
  let table: string
  beforeAll(async () => {
    pool = await freshPool(server())
  })
  afterAll(() => pool.end())

  const own: readonly Attack<AttackedTrail>[] = [
    [
      'adds an event with a sequence that is no exact number',
      async ({ rows }) => {
        await pool.query(
          `INSERT INTO ${table}_audit (${auditColumns}) SELECT ${auditColumns.replace('sequence', '4611686018427387904')}
           FROM ${table}_audit WHERE stream = $1 AND sequence = 2`,
          [rows[0].stream],
        )
      },
      ({ rows }) => ({ problem: 'gap', stream: rows[0].stream, sequence: rows.length }),
    ],
    [
      'adds an event before every number',
      async ({ rows }) => {
        await pool.query(
          `INSERT INTO ${table}_audit (${auditColumns}) SELECT ${auditColumns.replace('sequence', '(-9223372036854775808)::bigint')}
           FROM ${table}_audit WHERE stream = $1 AND sequence = 2`,
          [rows[0].stream],
        )
      },
      at('order', 0),
    ],
    [
      'gives an event a time that is none',
      async ({ rows }) => {
        const values = [rows[0].stream]
        await pool.query(
          `UPDATE ${table}_audit SET at = 4611686018427387904 WHERE stream = $1 AND sequence = 2`,
          values,
        )
      },
      at('columns', 2),
    ],
    [
      'adds a second row in one place, once two rows can be there',
      async ({ rows }) => {
        await pool.query(`ALTER TABLE ${table}_audit DROP CONSTRAINT mcpvault_audit_pkey`)
        const values = [rows[0].stream]
        await pool.query(
          `INSERT INTO ${table}_audit SELECT * FROM ${table}_audit WHERE stream = $1 AND sequence = 2`,
          values,
        )
      },
      at('order', 3),
    ],
    [
      'gives a checkpoint a time that is none',
      async () => void (await pool.query(`UPDATE ${table}_checkpoints SET created_at = 9000000000000000`)),
      () => ({ problem: 'checkpoint' }),
    ],
  ]

  trailSuite({
    name: 'Postgres',
    setting: {
      own,
      async open() {
        const { store, schema, drop } = await freshStore(pool)
        table = `"${schema}".mcpvault`
        return {
          store,
          raw: {
            async put({ stream, sequence, mac, redaction, body, columns }) {
              await pool.query(`DELETE FROM ${table}_audit WHERE stream = $1 AND sequence = $2`, [stream, sequence])
              const bytes = [
                Buffer.from(mac),
                redaction === undefined ? null : Buffer.from(redaction),
                Buffer.from(body),
              ]
              await pool.query(
                `INSERT INTO ${table}_audit (${auditColumns})
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
                [stream, sequence, ...bytes, ...auditColumnValues(columns)],
              )
            },
            async remove({ stream, sequence }) {
              await pool.query(`DELETE FROM ${table}_audit WHERE stream = $1 AND sequence = $2`, [stream, sequence])
            },
            forgetStreams: async () => void (await pool.query(`DELETE FROM ${table}_streams`)),
            forgetCheckpoints: async () => void (await pool.query(`DELETE FROM ${table}_checkpoints`)),
          },
          cleanup: async () => void (await drop()),
        }
      },
    },
  })
})
