// Attacks on the trail of an SQLite file, by someone who opens it beside the vault.
import { auditColumnValues } from '@mcpvault/core/adapter'
import { type Attack, type AttackedTrail, at, trailSuite } from '@mcpvault/testkit/suites'
import type { OwnDatabase } from '../src/client.ts'
import { auditColumns } from '../src/statements.ts'
import { drivers, freshStore, plainDatabase } from './support/databases.ts'

for (const driver of drivers) {
  let database: OwnDatabase
  const own: readonly Attack<AttackedTrail>[] = [
    [
      'adds an event with a sequence that is no exact number',
      async ({ rows }) =>
        void database
          .prepare(`INSERT INTO mcpvault_audit SELECT stream, 4611686018427387904, at, action, outcome, principal, owner,
            server, name, secret_id, correlation_id, mac, redaction, body FROM mcpvault_audit
            WHERE stream = ? AND sequence = 2`)
          .run(rows[0].stream),
      ({ rows }) => ({ problem: 'gap', stream: rows[0].stream, sequence: rows.length }),
    ],
    [
      'gives an event a time that is none',
      async ({ rows }) =>
        void database
          .prepare('UPDATE mcpvault_audit SET at = 4611686018427387904 WHERE stream = ? AND sequence = 2')
          .run(rows[0].stream),
      at('columns', 2),
    ],
    [
      'gives a checkpoint a time that is none',
      async () => void database.exec('UPDATE mcpvault_checkpoints SET created_at = 9000000000000000'),
      () => ({ problem: 'checkpoint' }),
    ],
  ]
  trailSuite({
    name: driver,
    setting: {
      own,
      async open() {
        const { store, path } = await freshStore(driver)
        database = plainDatabase(path, driver)
        return {
          store,
          raw: {
            async put({ stream, sequence, mac, redaction, body, columns }) {
              database
                .prepare(`INSERT OR REPLACE INTO mcpvault_audit (${auditColumns}) VALUES (${'?, '.repeat(13)}?)`)
                .run(stream, sequence, mac, redaction ?? null, body, ...auditColumnValues(columns))
            },
            async remove({ stream, sequence }) {
              database.prepare('DELETE FROM mcpvault_audit WHERE stream = ? AND sequence = ?').run(stream, sequence)
            },
            forgetStreams: async () => void database.exec('DELETE FROM mcpvault_streams'),
            forgetCheckpoints: async () => void database.exec('DELETE FROM mcpvault_checkpoints'),
          },
          cleanup: async () => {},
        }
      },
    },
  })
}
