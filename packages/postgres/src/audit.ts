// The trail: rows are appended by one statement, changed only by the redaction of a user, and never removed.
import type { AuditStore } from '@mcpvault/core'
import { auditColumnValues } from '@mcpvault/core/adapter'
import { appendOnce } from './append-once.ts'
import type { Engine } from './engine.ts'
import { auditPage } from './pages.ts'
import { type AuditDbRow, auditParameters, auditRowOf, type BigInteger } from './rows.ts'

type StreamRow = readonly [
  stream: string,
  firstAt: BigInteger,
  lastAt: BigInteger,
  lastSequence: BigInteger,
  lastMac: Buffer,
  isClosed: boolean,
]

export function postgresAudit(engine: Engine): AuditStore {
  const { sql } = engine
  return {
    append(rows, options) {
      return appendOnce<'stored'>(engine, {
        rows,
        options,
        async write(missing) {
          if (missing.length > 0)
            await engine.write(options, (connection) => connection.rows(sql.appendAudit, auditParameters(missing)))
          return 'stored'
        },
      })
    },
    query(filter, { limit, after, ...options }) {
      return engine.readAnywhere(options, async (connection) => {
        const { text, values } = auditPage(filter, { limit, after })
        return (await connection.rows<AuditDbRow>({ text: sql.text(text) }, values)).map(auditRowOf)
      })
    },
    readStream(stream, { limit, afterSequence, ...options }) {
      return engine.read(options, async (connection) =>
        (await connection.rows<AuditDbRow>(sql.readStream, [stream, afterSequence, limit])).map(auditRowOf),
      )
    },
    readAll({ limit, from, ...options }) {
      return engine.read(options, async (connection) => {
        // As text, since the smallest sequence that the column holds is no number that JavaScript can write.
        const { stream, sequence } = from ?? { stream: '', sequence: '-9223372036854775808' }
        return (await connection.rows<AuditDbRow>(sql.readAll, [stream, sequence, limit])).map(auditRowOf)
      })
    },
    streams({ limit, after = '', activeSince, ...options }) {
      return engine.read(options, async (connection) => {
        const since = activeSince?.getTime() ?? Number.MIN_SAFE_INTEGER
        const rows = await connection.rows<StreamRow>(sql.streams, [after, since, limit])
        return rows.map(([stream, firstAt, lastAt, lastSequence, lastMac, isClosed]) => ({
          stream,
          firstAt: new Date(Number(firstAt)),
          lastAt: new Date(Number(lastAt)),
          lastSequence: Number(lastSequence),
          lastMac,
          isClosed,
        }))
      })
    },
    redact({ stream, sequence, mac, columns, redaction, body }, options) {
      return engine.write(options, async (connection) => {
        const replaced = redaction === undefined ? null : Buffer.from(redaction)
        const values = [stream, sequence, Buffer.from(mac), ...auditColumnValues(columns), replaced, Buffer.from(body)]
        return (await connection.rows(sql.redactAudit, values)).length > 0
      })
    },
    async putCheckpoint({ id, createdAt, note }, options) {
      await engine.write(options, (connection) => connection.rows(sql.putCheckpoint, [id, createdAt.getTime(), note]))
    },
    checkpoints({ limit, after, ...options }) {
      return engine.read(options, async (connection) => {
        const from = [after?.createdAt.getTime() ?? Number.MIN_SAFE_INTEGER, after?.id ?? '', limit]
        const rows = await connection.rows<[string, BigInteger, string]>(sql.checkpoints, from)
        return rows.map(([id, createdAt, note]) => ({ id, createdAt: new Date(Number(createdAt)), note }))
      })
    },
  }
}
