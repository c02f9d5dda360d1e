// Audit rows: appended in one transaction, paged newest first, replaced only by a redaction.
import type { AuditRow, AuditStore } from '@mcpvault/core'
import { auditColumnValues, refuseFork } from '@mcpvault/core/adapter'
import type { Client } from './client.ts'
import type { Engine } from './engine.ts'
import { auditPage } from './pages.ts'
import { auditRowOf, auditValues, streamInfoOf } from './rows.ts'
import { sql } from './statements.ts'

export function sqliteAudit({ read, write }: Engine): AuditStore {
  return {
    append(rows, options) {
      return write({ run: (client) => appendRows(client, rows), keepIf: isStored }, options)
    },
    query(filter, options) {
      return read((client) => {
        const { query, values } = auditPage(filter, { limit: options.limit, after: options.after })
        return client.all(query, ...values).map(auditRowOf)
      }, options)
    },
    readStream(stream, options) {
      return read((client) => {
        const { afterSequence, limit } = options
        return client.all(sql.readStream, stream, afterSequence, limit).map(auditRowOf)
      }, options)
    },
    readAll({ limit, from, ...options }) {
      return read((client) => {
        // As a float, the smallest sequence is smaller than all that an integer column can hold.
        const { stream, sequence } = from ?? { stream: '', sequence: Number.NEGATIVE_INFINITY }
        return client.all(sql.readAll, stream, sequence, limit).map(auditRowOf)
      }, options)
    },
    streams(options) {
      return read((client) => {
        const { activeSince, after = '', limit } = options
        const rows =
          activeSince === undefined
            ? client.all(sql.streams, after, limit)
            : client.all(sql.activeStreams, dayOf(activeSince.getTime()), activeSince.getTime(), after, limit)
        return rows.map(streamInfoOf)
      }, options)
    },
    redact(row, options) {
      const { stream, sequence, mac, body, columns, redaction } = row
      const values = [...auditColumnValues(columns), redaction ?? null, body, stream, sequence, mac]
      return write({ run: (client) => client.run(sql.redactAudit, ...values) > 0 }, options)
    },
    putCheckpoint({ id, createdAt, note }, options) {
      return write({ run: (client) => void client.run(sql.putCheckpoint, id, createdAt.getTime(), note) }, options)
    },
    checkpoints(options) {
      return read((client) => {
        const { after, limit } = options
        const afterMs = after?.createdAt.getTime() ?? Number.MIN_SAFE_INTEGER
        return client
          .all(sql.checkpoints, afterMs, after?.id ?? '', limit)
          .map(([id, createdAtMs, note]) => ({ id, createdAt: new Date(createdAtMs), note }))
      }, options)
    },
  }
}

function isStored(answer: 'stored' | 'forked'): boolean {
  return answer === 'stored'
}

/** Appends the rows that go with a write, inside its transaction. */
export function appendOrThrow(client: Client, rows: readonly AuditRow[]): void {
  refuseFork(appendRows(client, rows))
}

function appendRows(client: Client, rows: readonly AuditRow[]): 'stored' | 'forked' {
  const extents = new Map<string, Extent>()
  for (const row of rows) {
    const { stream, sequence, mac, columns } = row
    if (client.run(sql.insertAudit, ...auditValues(row)) === 0) {
      const stored = client.get(sql.auditMac, stream, sequence)?.[0]
      if (stored === undefined || Buffer.compare(stored, mac) !== 0) return 'forked'
      continue
    }
    const atMs = columns.at.getTime()
    const { firstMs, lastMs, last } = extents.get(stream) ?? { firstMs: atMs, lastMs: atMs, last: sequence }
    extents.set(stream, {
      firstMs: Math.min(firstMs, atMs),
      lastMs: Math.max(lastMs, atMs),
      last: Math.max(last, sequence),
    })
  }
  for (const [stream, { firstMs, lastMs, last }] of extents) {
    const values = [firstMs, lastMs, last, stream, dayOf(lastMs)]
    if (client.run(sql.extendStreamWithinDay, ...values) === 0) client.run(sql.extendStream, ...values)
  }
  return 'stored'
}

function dayOf(atMs: number): number {
  return Math.floor(atMs / 86_400_000)
}

/** How far a stream reaches with the rows of one batch. */
interface Extent {
  readonly firstMs: number
  readonly lastMs: number
  readonly last: number
}
