// Audit rows: one document each, never removed, and changed by the redaction of a user alone.
import type { AuditRow, AuditStore, AuditStreamInfo, CallOptions } from '@mcpvault/core'
import { appendOnce } from '@mcpvault/core/adapter'
import { dateOf, documentOf, inNoPlace, inPlace, notBefore, pageFilter, rowOf } from './audit-documents.ts'
import type { Fields } from './client.ts'
import type { Collections } from './collections.ts'
import { bytesOf, type Engine, fieldsOf, signalOnly, type Within } from './engine.ts'
import { undefinedIfDuplicate } from './errors.ts'

const newestFirst = { at: -1, stream: -1, sequence: -1 } as const

export function mongoAudit(engine: Engine): AuditStore {
  return {
    async append(rows, options) {
      const outcome = engine.transactions
        ? await appendWith(engine, { rows, options, apply: async () => true })
        : await appendAlone(engine, { rows, options })
      return outcome === 'forked' ? 'forked' : 'stored'
    },
    query(filter, { limit, after, ...options }) {
      return engine.call(options, async (at) => {
        const page = { projection: { _id: 0 }, sort: newestFirst, limit }
        const found = await at.audit.find(pageFilter(filter, after), page).toArray()
        return found.map(rowOf)
      })
    },
    readStream(stream, { limit, afterSequence, ...options }) {
      return engine.call(options, async (at) => {
        const wanted = { stream: { $eq: stream }, sequence: { $gt: afterSequence } }
        const found = await at.audit.find(wanted, { projection: { _id: 0 }, sort: { sequence: 1 }, limit }).toArray()
        return found.map(rowOf)
      })
    },
    readAll({ limit, from, ...options }) {
      return engine.call(options, async (at) => {
        const page = { projection: { _id: 0 }, sort: { stream: 1, sequence: 1 }, limit }
        if (from !== undefined) return (await at.audit.find(notBefore(from), page).toArray()).map(rowOf)
        // A comparison with a text or a number finds no value of another type, so these come first.
        const odd = await at.audit.find(inNoPlace, { projection: { _id: 0 }, limit }).toArray()
        return [...odd, ...(await at.audit.find(inPlace, page).toArray())].map(rowOf)
      })
    },
    streams({ limit, after, activeSince, ...options }) {
      return engine.call(options, async (at) => {
        const wanted = {
          ...(after === undefined ? {} : { _id: { $gt: after } }),
          ...(activeSince === undefined ? {} : { lastAt: { $gte: activeSince } }),
        }
        const found = await at.streams.find(wanted, { sort: { _id: 1 }, limit }).toArray()
        return await withLastRows(
          at,
          found.map((each) => fieldsOf(each) ?? {}),
        )
      })
    },
    redact(row, options) {
      return engine.call(options, async (at) => {
        const { stream, sequence, mac, ...fields } = documentOf(row)
        const wanted = { stream: { $eq: stream }, sequence, mac }
        const optional = ['owner', 'server', 'name', 'secretId', 'correlationId', 'redaction']
        const absent = optional.filter((name) => !(name in fields)).map((name) => [name, ''])
        const gone = absent.length === 0 ? {} : { $unset: Object.fromEntries(absent) }
        return (await at.audit.updateOne(wanted, { $set: fields, ...gone })).matchedCount === 1
      })
    },
    async putCheckpoint({ id, createdAt, note }, options) {
      await engine.call(options, (at) =>
        at.checkpoints.updateOne({ _id: { $eq: id } }, { $setOnInsert: { createdAt, note } }, { upsert: true }),
      )
    },
    checkpoints({ limit, after, ...options }) {
      return engine.call(options, async (at) => {
        const wanted =
          after === undefined
            ? {}
            : {
                $or: [
                  { createdAt: { $gt: after.createdAt } },
                  { createdAt: { $eq: after.createdAt }, _id: { $gt: after.id } },
                ],
              }
        const found = await at.checkpoints.find(wanted, { sort: { createdAt: 1, _id: 1 }, limit }).toArray()
        return found.map((each) => {
          const { _id, createdAt, note } = fieldsOf(each) ?? {}
          return { id: String(_id), createdAt: dateOf(createdAt), note: String(note) }
        })
      })
    },
  }
}

/** The streams with what one query reads of all their last rows. */
async function withLastRows(at: Collections, streams: readonly Fields[]): Promise<AuditStreamInfo[]> {
  if (streams.length === 0) return []
  const places = streams.map(({ _id, lastSequence }) => ({ stream: { $eq: _id }, sequence: lastSequence }))
  const projection = { _id: 0, stream: 1, mac: 1, action: 1 }
  const rows = (await at.audit.find({ $or: places }, { projection }).toArray()).map((each) => fieldsOf(each) ?? {})
  const lastRows = new Map(rows.map((row) => [row['stream'], row]))
  return streams.map(({ _id, firstAt, lastAt, lastSequence }) => ({
    stream: String(_id),
    firstAt: dateOf(firstAt),
    lastAt: dateOf(lastAt),
    lastSequence: Number(lastSequence),
    lastMac: bytesOf(lastRows.get(_id)?.['mac']) ?? new Uint8Array(),
    isClosed: lastRows.get(_id)?.['action'] === 'audit.closed',
  }))
}

interface Append {
  readonly rows: readonly AuditRow[]
  readonly options: CallOptions | undefined
}

interface AppendWith extends Append {
  /** The write that the rows come with; false when it was not to be done, and then the rows are not written either. */
  apply(within: Within): Promise<boolean>
}

/** Runs a write and appends its rows in one transaction, without those that are stored already. */
export function appendWith(engine: Engine, { rows, options, apply }: AppendWith): Promise<boolean | 'forked'> {
  return appendOnce(rows, {
    storedMacs: (each) => storedMacs(engine, { rows: each, options }),
    write: (missing) =>
      undefinedIfDuplicate(() =>
        engine.transact(options, async (within, undo) => {
          const isDone = await apply(within)
          if (isDone) {
            await insertRows({ engine, within }, missing)
            await extendStreams({ engine, within }, missing)
          } else undo()
          return isDone
        }),
      ),
  })
}

/**
 * Appends rows without a transaction. Inserting may end after some of them, so they are inserted only once none was
 * found to be stored.
 */
function appendAlone(engine: Engine, { rows, options }: Append): Promise<boolean | 'forked'> {
  const parts = { engine, within: signalOnly(options?.signal) }
  return appendOnce(rows, {
    storedMacs: (each) => storedMacs(engine, { rows: each, options }),
    write: (missing) =>
      undefinedIfDuplicate(async () => {
        const macs = await storedMacs(engine, { rows: missing, options })
        if (macs.some((mac) => mac !== undefined)) return undefined
        return await engine.call(options, async () => {
          await insertRows(parts, missing)
          // With all rows, since an earlier attempt may have stored the others and failed here.
          await extendStreams(parts, rows)
          return true
        })
      }),
  })
}

interface Parts {
  readonly engine: Engine
  readonly within: Within
}

async function insertRows({ engine, within }: Parts, rows: readonly AuditRow[]): Promise<void> {
  if (rows.length > 0) await engine.at.audit.insertMany(rows.map(documentOf), { ...within, ordered: true })
}

async function extendStreams({ engine, within }: Parts, rows: readonly AuditRow[]): Promise<void> {
  if (rows.length === 0) return
  const extents = rows.map(({ stream, sequence, columns }) => ({
    updateOne: {
      filter: { _id: { $eq: stream } },
      update: { $min: { firstAt: columns.at }, $max: { lastAt: columns.at, lastSequence: sequence } },
      upsert: true,
    },
  }))
  await engine.at.streams.bulkWrite(extents, { ...within, ordered: true })
}

async function storedMacs(engine: Engine, { rows, options }: Append): Promise<readonly (Uint8Array | undefined)[]> {
  if (rows.length === 0) return []
  const places = rows.map(({ stream, sequence }) => ({ stream: { $eq: stream }, sequence }))
  const projection = { _id: 0, stream: 1, sequence: 1, mac: 1 }
  const found = await engine.call(options, (at) => at.audit.find({ $or: places }, { projection }).toArray())
  const macs = new Map<string, Uint8Array>()
  for (const each of found) {
    const { stream, sequence, mac } = fieldsOf(each) ?? {}
    macs.set(`${stream} ${sequence}`, bytesOf(mac) ?? new Uint8Array())
  }
  return rows.map(({ stream, sequence }) => macs.get(`${stream} ${sequence}`))
}
