// Audit rows: appended by one statement, never changed but by the redaction of a user, never removed.
import { type AuditRow, type AuditStore, type CallOptions, VaultError } from '@mcpvault/core'
import { auditColumnValues, missingAuditRows } from '@mcpvault/core/adapter'
import type { Engine } from './engine.ts'
import { isDuplicate } from './errors.ts'
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
    async append(rows, options) {
      const run = async (missing: readonly AuditRow[]): Promise<'stored'> => {
        if (missing.length > 0) {
          await engine.write(options, (connection) => connection.rows(sql.appendAudit, auditParameters(missing)))
        }
        return 'stored'
      }
      try {
        return await landingWith(engine, { rows, options, run })
      } catch (error) {
        if (error instanceof VaultError && error.cause === forked) return 'forked'
        throw error
      }
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

const forked = new Error('Another event has the place of this one.')

interface Landing<T> {
  readonly rows: readonly AuditRow[]
  readonly options: CallOptions | undefined
  /** Writes with those of the rows that are not there yet. */
  run(missing: readonly AuditRow[]): Promise<T>
}

/** A row comes in between only when two writers use one stream, so a few looks are enough. */
const mostLooks = 4

/**
 * Runs a write that brings audit rows. Rows that are there already with the same mac are left out; one with another
 * mac is a fork, and nothing is written.
 */
export async function landingWith<T>(engine: Engine, { rows, options, run }: Landing<T>): Promise<T> {
  // One statement must not bring a row twice.
  let missing = unlessForked(missingAuditRows(rows))
  for (let looks = 1; ; looks += 1) {
    try {
      return await run(missing)
    } catch (error) {
      if (!(error instanceof VaultError) || !isDuplicate(error.cause) || looks >= mostLooks) throw error
      missing = await notStored(engine, { rows: missing, options })
    }
  }
}

async function notStored(
  engine: Engine,
  { rows, options }: { readonly rows: readonly AuditRow[]; readonly options: CallOptions | undefined },
): Promise<readonly AuditRow[]> {
  const places = [rows.map(({ stream }) => stream), rows.map(({ sequence }) => sequence)]
  const found = await engine.readAll(options, (connection) =>
    connection.rows<[Buffer | null]>(engine.sql.auditMacs, places),
  )
  const macs = rows.map((_, place) => found[place]?.[0] ?? undefined)
  return unlessForked(missingAuditRows(rows, macs))
}

function unlessForked(rows: readonly AuditRow[] | undefined): readonly AuditRow[] {
  if (rows !== undefined) return rows
  throw new VaultError('VAULT_STORE_FAILED', {
    detail: 'The audit rows fork their stream.',
    cause: forked,
    retryable: false,
  })
}
