// Audit rows: one document each, never removed, and changed by the redaction of a user alone.
import {
  type AuditColumns,
  type AuditFilter,
  type AuditRow,
  type AuditStore,
  type AuditStreamInfo,
  type CallOptions,
  VaultError,
} from '@mcpvault/core'
import { missingAuditRows } from '@mcpvault/core/adapter'
import type { Fields } from './client.ts'
import { bytesOf, type Engine, fieldsOf, type InSession } from './engine.ts'
import { isDuplicate } from './errors.ts'

const newestFirst = { at: -1, stream: -1, sequence: -1 } as const

export function mongoAudit(engine: Engine): AuditStore {
  const { at } = engine
  return {
    async append(rows, options) {
      try {
        await landingWith(engine, { rows, options, apply: async () => true })
        return 'stored'
      } catch (error) {
        if (error instanceof VaultError && error.cause === forked) return 'forked'
        throw error
      }
    },
    query(filter, { limit, after, ...options }) {
      return engine.call(options, async () => {
        const page = { projection: { _id: 0 }, sort: newestFirst, limit }
        const found = await at.audit.find(pageFilter(filter, after), page).toArray()
        return found.map(rowOf)
      })
    },
    readStream(stream, { limit, afterSequence, ...options }) {
      return engine.call(options, async () => {
        const wanted = { stream: { $eq: stream }, sequence: { $gt: afterSequence } }
        const found = await at.audit.find(wanted, { projection: { _id: 0 }, sort: { sequence: 1 }, limit }).toArray()
        return found.map(rowOf)
      })
    },
    streams({ limit, after, activeSince, ...options }) {
      return engine.call(options, async () => {
        const wanted = {
          ...(after === undefined ? {} : { _id: { $gt: after } }),
          ...(activeSince === undefined ? {} : { lastAt: { $gte: activeSince } }),
        }
        const found = await at.streams.find(wanted, { sort: { _id: 1 }, limit }).toArray()
        return await withLastRows(
          engine,
          found.map((each) => fieldsOf(each) ?? {}),
        )
      })
    },
    redact(row, options) {
      return engine.call(options, async () => {
        const { stream, sequence, mac, ...fields } = documentOf(row)
        const wanted = { stream: { $eq: stream }, sequence, mac }
        const optional = ['owner', 'server', 'name', 'secretId', 'correlationId', 'redaction']
        const absent = optional.filter((name) => !(name in fields)).map((name) => [name, ''])
        const gone = absent.length === 0 ? {} : { $unset: Object.fromEntries(absent) }
        return (await at.audit.updateOne(wanted, { $set: fields, ...gone })).matchedCount === 1
      })
    },
    async putCheckpoint({ id, createdAt, note }, options) {
      await engine.call(options, () =>
        at.checkpoints.updateOne({ _id: { $eq: id } }, { $setOnInsert: { createdAt, note } }, { upsert: true }),
      )
    },
    checkpoints({ limit, after, ...options }) {
      return engine.call(options, async () => {
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

/** The streams with what their last rows say, which one more query brings for all of them. */
async function withLastRows({ at }: Engine, streams: readonly Fields[]): Promise<AuditStreamInfo[]> {
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

const forked = new Error('Another event has the place of this one.')

interface Landing {
  readonly rows: readonly AuditRow[]
  readonly options: CallOptions | undefined
  /** What the rows land with; false when it was not to be done, and then the rows do not land. */
  apply(within: InSession): Promise<boolean>
}

/** A row comes in between only when two writers use one stream, so a few looks are enough. */
const mostLooks = 4

/**
 * Runs a write together with its rows. Rows that are there already with the same mac are left out; one with another mac
 * is a fork, and nothing is written. Without transactions rows come alone, in one command.
 */
export async function landingWith(engine: Engine, { rows, options, apply }: Landing): Promise<boolean> {
  let missing = rows
  for (let looks = 1; ; looks += 1) {
    try {
      if (engine.transactions) {
        return await engine.transact(options, async (within, undo) => {
          const isDone = await apply(within)
          if (isDone) await insertRows({ engine, within }, missing)
          else undo()
          return isDone
        })
      }
      missing = await notStored(engine, { rows: missing, options })
      return await engine.call(options, async () => {
        await insertRows({ engine, within: {} }, missing)
        return true
      })
    } catch (error) {
      if (!(error instanceof VaultError) || !isDuplicate(error.cause) || looks >= mostLooks) throw error
      missing = await notStored(engine, { rows: missing, options })
    }
  }
}

async function insertRows(
  { engine, within }: { readonly engine: Engine; readonly within: InSession },
  rows: readonly AuditRow[],
): Promise<void> {
  if (rows.length === 0) return
  await engine.at.audit.insertMany(rows.map(documentOf), { ...within, ordered: true })
  const extents = rows.map(({ stream, sequence, columns }) => ({
    updateOne: {
      filter: { _id: { $eq: stream } },
      update: { $min: { firstAt: columns.at }, $max: { lastAt: columns.at, lastSequence: sequence } },
      upsert: true,
    },
  }))
  await engine.at.streams.bulkWrite(extents, { ...within, ordered: true })
}

async function notStored(
  engine: Engine,
  { rows, options }: { readonly rows: readonly AuditRow[]; readonly options: CallOptions | undefined },
): Promise<readonly AuditRow[]> {
  const places = rows.map(({ stream, sequence }) => ({ stream: { $eq: stream }, sequence }))
  if (places.length === 0) return rows
  const projection = { _id: 0, stream: 1, sequence: 1, mac: 1 }
  const found = await engine.call(options, () => engine.at.audit.find({ $or: places }, { projection }).toArray())
  const macs = new Map<string, Uint8Array>()
  for (const each of found) {
    const { stream, sequence, mac } = fieldsOf(each) ?? {}
    macs.set(`${stream} ${sequence}`, bytesOf(mac) ?? new Uint8Array())
  }
  const missing = missingAuditRows(
    rows,
    rows.map(({ stream, sequence }) => macs.get(`${stream} ${sequence}`)),
  )
  if (missing !== undefined) return missing
  throw new VaultError('VAULT_STORE_FAILED', {
    detail: 'The audit rows fork their stream.',
    cause: forked,
    retryable: false,
  })
}

function documentOf({ stream, sequence, mac, body, redaction, columns }: AuditRow): Fields {
  const { at, action, outcome, principal, owner, server, name, secretId, correlationId } = columns
  const optional = { owner, server, name, secretId, correlationId, redaction: redaction && Buffer.from(redaction) }
  const present = Object.entries(optional).filter(([, value]) => value !== undefined)
  const always = { stream, sequence, mac: Buffer.from(mac), body: Buffer.from(body), at, action, outcome, principal }
  return { ...always, ...Object.fromEntries(present) }
}

function rowOf(document: unknown): AuditRow {
  const { stream, sequence, mac, body, redaction, ...columns } = fieldsOf(document) ?? {}
  const row = {
    stream: String(stream),
    sequence: Number(sequence),
    mac: bytesOf(mac) ?? new Uint8Array(),
    body: bytesOf(body) ?? new Uint8Array(),
    // The remaining fields are the columns, under their own names.
    columns: columns as unknown as AuditColumns,
  }
  const replaced = bytesOf(redaction)
  return replaced === undefined ? row : { ...row, redaction: replaced }
}

function pageFilter(
  filter: AuditFilter,
  after: { readonly at: Date; readonly stream: string; readonly sequence: number } | undefined,
): Fields {
  const { actions, outcomes, from, to, ...equal } = filter
  const wanted: Fields[] = []
  for (const [name, value] of Object.entries(equal)) if (value !== undefined) wanted.push({ [name]: { $eq: value } })
  if (actions !== undefined) wanted.push({ action: { $in: [...actions] } })
  if (outcomes !== undefined) wanted.push({ outcome: { $in: [...outcomes] } })
  if (from !== undefined) wanted.push({ at: { $gte: from } })
  if (to !== undefined) wanted.push({ at: { $lt: to } })
  if (after !== undefined) {
    const { at, stream, sequence } = after
    wanted.push({
      $or: [
        { at: { $lt: at } },
        { at: { $eq: at }, stream: { $lt: stream } },
        { at: { $eq: at }, stream: { $eq: stream }, sequence: { $lt: sequence } },
      ],
    })
  }
  return wanted.length === 0 ? {} : { $and: wanted }
}

function dateOf(value: unknown): Date {
  return value instanceof Date ? value : new Date(Number.NaN)
}
