// The audit trail: all of it in one slot, so that rows of many streams are appended together or not at all.
import {
  type AuditCursor,
  type AuditFilter,
  type AuditPlace,
  type AuditRow,
  type AuditStore,
  type AuditStreamInfo,
  VaultError,
} from '@mcpvault/core'
import { matchesAuditFilter } from '@mcpvault/core/adapter'
import { appendArguments, appendWith, auditMember } from './append.ts'
import { bytesAt, isInPlace, redisAuditLists, rowOfMember } from './audit-lists.ts'
import { bytesOf, type Engine, listOf, type Session, textOf } from './engine.ts'
import { afterMembers, dateOf, memberOf, partsOf, sortableNumber, sortableTime } from './keys.ts'
import { listOfAuditFilter, listsOfAuditRow, readPage } from './lists.ts'
import { auditRowBytes, auditRowOf } from './rows.ts'
import { scripts } from './scripts.ts'

export function redisAudit(engine: Engine): AuditStore {
  return {
    append(rows, options) {
      return engine.call(options, (session) =>
        appendWith<'stored'>(session, {
          rows,
          async run(missing) {
            if (missing.length === 0) return 'stored'
            const outcome = await session.run({
              script: scripts.appendAudit,
              ...appendArguments(session.keys, missing),
            })
            return outcome === 1 ? 'stored' : undefined
          },
        }),
      )
    },
    query(filter, { limit, after, ...options }) {
      return engine.call(options, (session) =>
        readPage<AuditRow>(session, {
          keys: [session.keys.auditList(listOfAuditFilter(filter))],
          direction: 'descending',
          after: earlierOf({ after, to: filter.to }),
          limit,
          resolve: (members) =>
            Promise.all(
              members.map(async (member) => {
                const row = await rowOfMember(session, member)
                return row !== undefined && matchesAuditFilter(row, filter) ? row : undefined
              }),
            ),
        }),
      )
    },
    readStream(stream, { limit, afterSequence, ...options }) {
      return engine.call(options, (session) => readStreamFrom(session, { stream, start: `(${afterSequence}`, limit }))
    },
    readAll({ limit, from, ...options }) {
      return engine.call(options, (session) => readRows(session, { limit, from }))
    },
    lists: redisAuditLists(engine),
    streams({ limit, after, activeSince, ...options }) {
      return engine.call(options, async (session) => {
        const ids =
          activeSince === undefined
            ? await allStreams(session, { after, limit })
            : await activeStreams(session, { activeSince, after, limit })
        return await streamInfos(session, ids)
      })
    },
    redact(row, options) {
      return engine.call(options, async (session) => {
        for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
          const done = await replaceRow(session, row)
          if (done !== 'changed') return done === 'replaced'
        }
        throw new VaultError('VAULT_STORE_FAILED', { detail: 'A row of the audit trail changes again and again.' })
      })
    },
    async putCheckpoint({ id, createdAt, note }, options) {
      await engine.call(options, (session) => {
        const member = memberOf(sortableTime(createdAt), id, Buffer.from(note, 'utf8').toString('base64'))
        return session.command('ZADD', session.keys.checkpoints, 'NX', 0, member)
      })
    },
    checkpoints({ limit, after, ...options }) {
      return engine.call(options, (session) =>
        readPage(session, {
          keys: [session.keys.checkpoints],
          direction: 'ascending',
          after: after && afterMembers(sortableTime(after.createdAt), after.id),
          limit,
          resolve: async (members) =>
            members.map((member) => {
              const [time = '', id = '', note = ''] = partsOf(member)
              return { id, createdAt: dateOf(time), note: Buffer.from(note, 'base64').toString('utf8') }
            }),
        }),
      )
    },
  }
}

/** Where a page that comes newest first begins: after the cursor, and before the filter's `to`. */
function earlierOf({
  after,
  to,
}: {
  readonly after: AuditCursor | undefined
  readonly to: AuditFilter['to'] | undefined
}): string | undefined {
  const cursor = after && memberOf(sortableTime(after.at), after.stream, sortableNumber(after.sequence))
  const end = to && sortableTime(to)
  if (cursor === undefined || end === undefined) return cursor ?? end
  return [cursor, end].sort()[0]
}

/** A row is replaced when its user is erased, which happens once. */
const maxAttempts = 5

async function replaceRow(session: Session, row: AuditRow): Promise<'replaced' | 'missing' | 'changed'> {
  const { keys } = session
  const bytes = await bytesAt(session, row)
  const stored = bytes && auditRowOf(bytes, row)
  if (stored === undefined || !isInPlace(stored) || Buffer.compare(stored.mac, row.mac) !== 0) return 'missing'
  const listsOf = (each: AuditRow): readonly string[] => listsOfAuditRow(each).map((list) => keys.auditList(list))
  const before = listsOf(stored)
  const { prefix, rest } = auditRowBytes(row)
  const done = await session.run({
    script: scripts.redactAudit,
    keys: [keys.stream(row.stream), ...before, ...listsOf(row)],
    values: [
      row.sequence,
      bytes ?? '',
      Buffer.concat([prefix, rest]),
      before.length,
      auditMember(stored),
      auditMember(row),
    ],
  })
  return done === 1 ? 'replaced' : 'changed'
}

/** How many streams are counted at a time. */
const streamsAtOnce = 100

/** Rows by stream and sequence. Streams are counted before they are read, so that no more is read than is given. */
async function readRows(
  session: Session,
  { limit, from }: { readonly limit: number; readonly from: AuditPlace | undefined },
): Promise<readonly AuditRow[]> {
  const { keys, command } = session
  const rows: AuditRow[] = []
  const startOf = (stream: string): string | number => (stream === from?.stream ? from.sequence : '-inf')
  let start = from === undefined ? '-' : `[${from.stream}`
  while (rows.length < limit) {
    const page = await command('ZRANGEBYLEX', keys.streams, start, '+', 'LIMIT', 0, streamsAtOnce)
    const ids = listOf(page).map((id) => textOf(id) ?? '')
    const counts = await Promise.all(ids.map((id) => command('ZCOUNT', keys.stream(id), startOf(id), '+inf')))
    let wanted = limit - rows.length
    const needed = ids.filter((_, index) => {
      const isNeeded = wanted > 0
      wanted -= Number(counts[index])
      return isNeeded
    })
    const max = limit - rows.length
    const found = await Promise.all(
      needed.map((stream) => readStreamFrom(session, { stream, start: startOf(stream), limit: max })),
    )
    rows.push(...found.flat().slice(0, max))
    const last = ids.at(-1)
    if (ids.length < streamsAtOnce || last === undefined) break
    start = `(${last}`
  }
  return rows
}

interface StreamRange {
  readonly stream: string
  /** As Redis has it: a score, and `(` before one that is left out. */
  readonly start: string | number
  readonly limit: number
}

async function readStreamFrom(
  { keys, command }: Session,
  { stream, start, limit }: StreamRange,
): Promise<readonly AuditRow[]> {
  const range = [start, '+inf', 'WITHSCORES', 'LIMIT', 0, limit]
  // By the newer protocol, which ioredis 6 speaks, each member comes in a pair with its score.
  const reply = listOf(await command('ZRANGEBYSCORE', keys.stream(stream), ...range)).flat()
  const rows: AuditRow[] = []
  for (let index = 0; index < reply.length; index += 2) {
    const bytes = bytesOf(reply[index])
    if (bytes !== undefined) rows.push(auditRowOf(bytes, { stream, sequence: Number(textOf(reply[index + 1])) }))
  }
  return rows
}

interface StreamPage {
  readonly after: string | undefined
  readonly limit: number
}

async function allStreams({ keys, command }: Session, { after, limit }: StreamPage): Promise<readonly string[]> {
  const from = after === undefined ? '-' : `(${after}`
  return listOf(await command('ZRANGEBYLEX', keys.streams, from, '+', 'LIMIT', 0, limit)).map((id) => textOf(id) ?? '')
}

/** Few of all streams are active at a time, so they are found by their times, and then put in order. */
async function activeStreams(
  { keys, command }: Session,
  { activeSince, after = '', limit }: StreamPage & { readonly activeSince: Date },
): Promise<readonly string[]> {
  const reply = await command('ZRANGEBYSCORE', keys.streamTimes, activeSince.getTime(), '+inf')
  const start = Buffer.from(after, 'utf8')
  return listOf(reply)
    .flatMap((id) => bytesOf(id) ?? [])
    .filter((id) => Buffer.compare(id, start) > 0)
    .sort(Buffer.compare)
    .slice(0, limit)
    .map((id) => id.toString('utf8'))
}

/** One script for all of them. */
async function streamInfos({ keys, run }: Session, streams: readonly string[]): Promise<readonly AuditStreamInfo[]> {
  if (streams.length === 0) return []
  const names = [keys.streamTimes, keys.streamInfo, ...streams.map((stream) => keys.stream(stream))]
  const found = listOf(await run({ script: scripts.streamInfos, keys: names, values: streams }))
  return streams.map((stream, index) => {
    const [firstAt, lastAt, sequence, row] = listOf(found[index])
    const lastSequence = Number(textOf(sequence))
    const bytes = bytesOf(row)
    const last = bytes && auditRowOf(bytes, { stream, sequence: lastSequence })
    return {
      stream,
      firstAt: new Date(Number(textOf(firstAt))),
      lastAt: new Date(Number(textOf(lastAt))),
      lastSequence,
      lastMac: last?.mac ?? new Uint8Array(),
      isClosed: last?.columns.action === 'audit.closed',
    }
  })
}
