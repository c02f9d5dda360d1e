// The audit trail: all of it in one slot, so that rows of many streams are appended together or not at all.
import type { AuditCursor, AuditFilter, AuditRow, AuditStore, AuditStreamInfo } from '@mcpvault/core'
import { matchesAuditFilter } from '@mcpvault/core/adapter'
import { appendArguments, appendWith, auditMember } from './append.ts'
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
                const row = await readRow(session, member)
                return row !== undefined && matchesAuditFilter(row, filter) ? row : undefined
              }),
            ),
        }),
      )
    },
    readStream(stream, { limit, afterSequence, ...options }) {
      return engine.call(options, async (session) => {
        const range = [`(${afterSequence}`, '+inf', 'WITHSCORES', 'LIMIT', 0, limit]
        // By the newer protocol, which ioredis 6 speaks, each member comes in a pair with its score.
        const reply = listOf(await session.command('ZRANGEBYSCORE', session.keys.stream(stream), ...range)).flat()
        const rows: AuditRow[] = []
        for (let index = 0; index < reply.length; index += 2) {
          const bytes = bytesOf(reply[index])
          if (bytes !== undefined) rows.push(auditRowOf(bytes, { stream, sequence: Number(textOf(reply[index + 1])) }))
        }
        return rows
      })
    },
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
        const { prefix, rest } = auditRowBytes(row)
        const [lists, member] = [listsOfAuditRow(row), auditMember(row)]
        const before = await rowAt(session, row)
        const stale = before === undefined ? '' : auditMember(before)
        // The names of lists have the user's name, and a list goes with its last member.
        const left = before && listsOfAuditRow(before).filter((list) => stale !== member || !lists.includes(list))
        const named = [...lists, ...(left ?? [])].map((list) => session.keys.auditList(list))
        const keys = [session.keys.stream(row.stream), ...named]
        const values = [row.sequence, prefix, rest, lists.length, member, stale]
        return (await session.run({ script: scripts.redactAudit, keys, values })) === 1
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

/** The row of a member of a list; undefined when a redaction has given it another time since. */
async function readRow(session: Session, member: Buffer): Promise<AuditRow | undefined> {
  const [time = '', stream = '', number = ''] = partsOf(member)
  const row = await rowAt(session, { stream, sequence: Number.parseInt(number, 16) })
  return row !== undefined && sortableTime(row.columns.at) === time ? row : undefined
}

async function rowAt(
  { keys, command }: Session,
  { stream, sequence }: Pick<AuditRow, 'stream' | 'sequence'>,
): Promise<AuditRow | undefined> {
  const bytes = bytesOf(listOf(await command('ZRANGEBYSCORE', keys.stream(stream), sequence, sequence))[0])
  return bytes && auditRowOf(bytes, { stream, sequence })
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
