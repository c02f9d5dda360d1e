// The audit trail: all of it in one slot, so that a batch of rows of many streams lands together.
import type { AuditFilter, AuditRow, AuditStore, AuditStreamInfo } from '@mcpvault/core'
import { auditArguments, listFor, rowBytes, rowLists, rowMember, rowOf } from './audit-rows.ts'
import { bytesOf, type Engine, listOf, textOf } from './engine.ts'
import { landingWith, type Working } from './landing.ts'
import { walk } from './lists.ts'
import { memberOf, partsOf, sortableNumber, sortableTime } from './members.ts'
import { scripts } from './scripts.ts'

export function redisAudit(engine: Engine): AuditStore {
  const { keys } = engine
  return {
    append(rows, options) {
      return engine.call(options, async (session) => {
        const run = async (missing: readonly AuditRow[]): Promise<'stored' | undefined> => {
          if (missing.length === 0) return 'stored'
          const outcome = await session.run({ script: scripts.appendAudit, ...auditArguments(keys, missing) })
          return outcome === 1 ? 'stored' : undefined
        }
        return (await landingWith({ engine, session }, { rows, run })) ?? 'forked'
      })
    },
    query(filter, { limit, after, ...options }) {
      return engine.call(options, (session) =>
        walk<AuditRow>(session, {
          keys: [keys.auditList(listFor(filter))],
          direction: 'descending',
          beyond: beyondOf({ after, filter }),
          limit,
          resolve: (members) =>
            Promise.all(
              members.map(async (member) => {
                const row = await readRow({ engine, session }, member)
                return row !== undefined && satisfies(row, filter) ? row : undefined
              }),
            ),
        }),
      )
    },
    readStream(stream, { limit, afterSequence, ...options }) {
      return engine.call(options, async (session) => {
        const range = [`(${afterSequence}`, '+inf', 'WITHSCORES', 'LIMIT', 0, limit]
        // By the newer protocol, which ioredis 6 speaks, each member comes in a pair with its score.
        const reply = listOf(await session.command('ZRANGEBYSCORE', keys.stream(stream), ...range)).flat()
        const rows: AuditRow[] = []
        for (let index = 0; index < reply.length; index += 2) {
          const bytes = bytesOf(reply[index])
          if (bytes !== undefined) rows.push(rowOf(bytes, { stream, sequence: Number(textOf(reply[index + 1])) }))
        }
        return rows
      })
    },
    streams({ limit, after, activeSince, ...options }) {
      return engine.call(options, async (session) => {
        const ids =
          activeSince === undefined
            ? await allStreams({ engine, session }, { after, limit })
            : await activeStreams({ engine, session }, { activeSince, after, limit })
        return await Promise.all(ids.map((id) => streamInfo({ engine, session }, id)))
      })
    },
    redact(row, options) {
      return engine.call(options, async (session) => {
        const { prefix, rest } = rowBytes(row)
        const lists = rowLists(row).map((name) => keys.auditList(name))
        const values = [row.sequence, prefix, rest, rowMember(row)]
        return (
          (await session.run({ script: scripts.redactAudit, keys: [keys.stream(row.stream), ...lists], values })) === 1
        )
      })
    },
    async putCheckpoint({ id, createdAt, note }, options) {
      await engine.call(options, (session) =>
        session.command('ZADD', keys.checkpoints, 'NX', 0, memberOf(sortableTime(createdAt), id, encodeNote(note))),
      )
    },
    checkpoints({ limit, after, ...options }) {
      return engine.call(options, (session) =>
        walk(session, {
          keys: [keys.checkpoints],
          direction: 'ascending',
          // The note follows its id after a line break; the next sign is beyond all of them.
          beyond: after && `${memberOf(sortableTime(after.createdAt), after.id)}\u000b`,
          limit,
          resolve: async (members) =>
            members.map((member) => {
              const [time = '', id = '', note = ''] = partsOf(member)
              return { id, createdAt: timeOf(time), note: Buffer.from(note, 'base64').toString('utf8') }
            }),
        }),
      )
    },
  }
}

/** The row that a member of a list stands for, unless it has been given another time since. */
async function readRow({ engine, session }: Working, member: Buffer): Promise<AuditRow | undefined> {
  const [time = '', stream = '', number = ''] = partsOf(member)
  const sequence = Number.parseInt(number, 16)
  const reply = await session.command('ZRANGEBYSCORE', engine.keys.stream(stream), sequence, sequence)
  const bytes = bytesOf(listOf(reply)[0])
  const row = bytes && rowOf(bytes, { stream, sequence })
  return row !== undefined && sortableTime(row.columns.at) === time ? row : undefined
}

function beyondOf({
  after,
  filter,
}: {
  readonly after: { readonly at: Date; readonly stream: string; readonly sequence: number } | undefined
  readonly filter: AuditFilter
}): string | undefined {
  const cursor = after && memberOf(sortableTime(after.at), after.stream, sortableNumber(after.sequence))
  const end = filter.to && sortableTime(filter.to)
  if (cursor === undefined || end === undefined) return cursor ?? end
  return [cursor, end].sort()[0]
}

function satisfies({ stream, columns }: AuditRow, filter: AuditFilter): boolean {
  const { from, to, actions, outcomes } = filter
  return (
    is(filter.stream, stream) &&
    is(filter.principal, columns.principal) &&
    is(filter.owner, columns.owner) &&
    is(filter.server, columns.server) &&
    is(filter.name, columns.name) &&
    is(filter.secretId, columns.secretId) &&
    is(filter.correlationId, columns.correlationId) &&
    (actions === undefined || actions.includes(columns.action)) &&
    (outcomes === undefined || outcomes.includes(columns.outcome)) &&
    (from === undefined || columns.at.getTime() >= from.getTime()) &&
    (to === undefined || columns.at.getTime() < to.getTime())
  )
}

function is<T>(wanted: T | undefined, found: T | undefined): boolean {
  return wanted === undefined || wanted === found
}

interface StreamPage {
  readonly after: string | undefined
  readonly limit: number
}

function allStreams({ engine, session }: Working, { after, limit }: StreamPage): Promise<readonly string[]> {
  return walk(session, {
    keys: [engine.keys.streams],
    direction: 'ascending',
    beyond: after,
    limit,
    resolve: async (members) => members.map((member) => member.toString('utf8')),
  })
}

const timesBatch = 1_000

/** Few of all streams ever are active, so finding them by time and sorting them is the shorter way. */
async function activeStreams(
  { engine, session }: Working,
  { activeSince, after = '', limit }: StreamPage & { readonly activeSince: Date },
): Promise<readonly string[]> {
  let found: string[] = []
  for (let offset = 0; ; offset += timesBatch) {
    const range = [activeSince.getTime(), '+inf', 'LIMIT', offset, timesBatch]
    const batch = listOf(await session.command('ZRANGEBYSCORE', engine.keys.streamTimes, ...range))
    const ids = batch.map((each) => textOf(each) ?? '').filter((id) => id > after)
    found = [...found, ...ids].sort((a, b) => (a < b ? -1 : 1)).slice(0, limit)
    if (batch.length < timesBatch) return found
  }
}

async function streamInfo({ engine, session }: Working, stream: string): Promise<AuditStreamInfo> {
  const { streamInfo: info, streamTimes } = engine.keys
  const [first, lastAt, last] = await Promise.all([
    session.command('HGET', info, `f${stream}`),
    session.command('ZSCORE', streamTimes, stream),
    session.command('ZRANGE', engine.keys.stream(stream), -1, -1, 'WITHSCORES'),
  ])
  const [bytes, score] = listOf(last).flat()
  const lastSequence = Number(textOf(score))
  const row = rowOf(bytesOf(bytes) ?? Buffer.alloc(0), { stream, sequence: lastSequence })
  return {
    stream,
    firstAt: new Date(Number(textOf(first))),
    lastAt: new Date(Number(textOf(lastAt))),
    lastSequence,
    lastMac: row.mac,
    isClosed: row.columns.action === 'audit.closed',
  }
}

function encodeNote(note: string): string {
  return Buffer.from(note, 'utf8').toString('base64')
}

function timeOf(time: string): Date {
  return new Date(Number(BigInt(`0x${time || '0'}`) - 8_640_000_000_000_000n))
}
