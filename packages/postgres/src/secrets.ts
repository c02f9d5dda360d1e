// The secrets of the store: the reads it is given, and writes of one statement with their audit rows.
import type { AuditRow, SecretStore } from '@mcpvault/core'
import { refuseFork } from '@mcpvault/core/adapter'
import { appendOnce } from './append-once.ts'
import { bigintArray, textArray } from './array-parameters.ts'
import type { Engine } from './engine.ts'
import { putSecrets } from './put-secrets.ts'
import { auditParameters } from './rows.ts'
import type { SecretReads } from './secret-reads.ts'

export function postgresSecrets(engine: Engine, reads: SecretReads): SecretStore {
  const { sql } = engine
  const put = putSecrets(engine)
  return {
    ...reads,
    async put(record, options) {
      const { ifRevision, audit = [] } = options
      const write = (rows: readonly AuditRow[]): Promise<boolean> => put({ record, ifRevision, rows }, options)
      return refuseFork(await appendOnce(engine, { rows: audit, options, write }))
    },
    async remove({ owner, server, name }, options) {
      const { ifRevision, audit = [] } = options
      const write = (rows: readonly AuditRow[]): Promise<boolean> =>
        engine.write(options, async (connection) => {
          const values = [owner, server, name, ifRevision, ...auditParameters(rows)]
          return (await connection.rows(sql.removeSecret, values)).length > 0
        })
      return refuseFork(await appendOnce(engine, { rows: audit, options, write }))
    },
    async touch(batch, options) {
      await engine.write(options, (connection) =>
        connection.rows(sql.touch, [
          textArray(batch.map(({ ref }) => ref.owner)),
          textArray(batch.map(({ ref }) => ref.server)),
          textArray(batch.map(({ ref }) => ref.name)),
          textArray(batch.map(({ id }) => id)),
          bigintArray(batch.map(({ uses }) => uses)),
          bigintArray(batch.map(({ lastUsedAt }) => lastUsedAt.getTime())),
        ]),
      )
    },
  }
}
