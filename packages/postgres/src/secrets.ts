// Secrets: one statement for each read, and one for each write with all that lands with it.
import type { AuditRow, CallOptions, PutOptions, SecretStore, StoredSecret } from '@mcpvault/core'
import { bigintArray, textArray } from './arrays.ts'
import { landingWith } from './audit.ts'
import type { Engine, Work } from './engine.ts'
import { findAnywhere, findOnPrimary, findScope } from './find.ts'
import { secretPage } from './pages.ts'
import { putSecrets } from './put.ts'
import type { FreshestReads, Reads } from './replica.ts'
import { auditParameters, type RecordRow, recordOf } from './rows.ts'

type NamedRow = readonly [...RecordRow, owner: string, server: string, name: string]

export interface SecretsOptions {
  readonly engine: Engine
  /** Reads on the replica where it is new enough. */
  readonly freshest: FreshestReads
}

export function postgresSecrets({ engine, freshest }: SecretsOptions): SecretStore {
  const { sql } = engine
  const find = { anywhere: findAnywhere(engine), primary: findOnPrimary(engine) }
  const put = putSecrets(engine)

  const readsOf = <T>(options: CallOptions | undefined, work: Work<T>): Reads<T> => ({
    anywhere: () => engine.readAnywhere(options, work),
    primary: () => engine.read(options, work),
  })

  return {
    find(ref, versions, options) {
      return freshest.one(ref, {
        anywhere: () => find.anywhere(ref, versions, options),
        primary: () => find.primary(ref, versions, options),
      })
    },
    findAll({ owner, server }, options) {
      const { limit } = options
      const work: Work<readonly StoredSecret[]> = (connection) =>
        findScope(connection, { engine, owner, server, limit })
      return freshest.many(readsOf(options, work))
    },
    put(record, options) {
      const { ifRevision } = options
      return landing(options, (rows) => put({ record, ifRevision, rows }, options))
    },
    remove(ref, options) {
      const values = [ref.owner, ref.server, ref.name, options.ifRevision]
      return landing(options, (rows) =>
        engine.write(options, async (connection) => {
          return (await connection.rows(sql.removeSecret, [...values, ...auditParameters(rows)])).length > 0
        }),
      )
    },
    list(query, options) {
      const work: Work<readonly StoredSecret[]> = async (connection) => {
        const { text, values } = secretPage(query)
        const rows = await connection.rows<NamedRow>({ text: sql.text(text) }, values)
        return rows.map(([record, lastUsedAt, useCount, owner, server, name]) =>
          recordOf([record, lastUsedAt, useCount], { ref: { owner, server, name } }),
        )
      }
      return freshest.many(readsOf(options, work))
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

  function landing(options: PutOptions, run: (rows: readonly AuditRow[]) => Promise<boolean>): Promise<boolean> {
    return landingWith(engine, { rows: options.audit ?? [], options, run })
  }
}
