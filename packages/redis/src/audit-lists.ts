// The lists by which the trail finds its rows: the row of an entry, rows without an entry, and entries without a row.
import type { AuditLists, AuditPlace, AuditRow } from '@mcpvault/core'
import { auditMember, listParts } from './append.ts'
import { bytesOf, type Engine, listOf, type Session } from './engine.ts'
import { partsOf } from './keys.ts'
import { auditRowOf } from './rows.ts'

/** Entries that are checked in one call. */
const entriesAtOnce = 1_000

/**
 * An entry that does not lead to its row is skipped, so the list of all rows is enough to find rows that are not where
 * they are shown. The other lists are compared with the rows alone: their names cannot be listed without a right to see
 * every key of the server.
 */
export function redisAuditLists(engine: Engine): AuditLists {
  return {
    unlisted(rows, options) {
      return engine.call(options, async (session) => {
        const missing = await withoutEntry(session, rows.filter(isInPlace))
        // An erasure may have moved some to other lists since they were read, so they are read once more.
        const now = await Promise.all(missing.map(async (row) => rowAt(row, await bytesAt(session, row))))
        return await withoutEntry(session, now)
      })
    },
    strays({ after, ...options }) {
      return engine.call(options, async (session) => {
        const all = session.keys.auditList('all')
        const start = after === undefined ? '-' : Buffer.concat([Buffer.from('('), Buffer.from(after, 'latin1')])
        const page = await session.command('ZRANGEBYLEX', all, start, '+', 'LIMIT', 0, entriesAtOnce)
        const members = listOf(page).flatMap((member) => bytesOf(member) ?? [])
        const last = members.length < entriesAtOnce ? undefined : members.at(-1)
        return { strays: await straysAmong(session, members), next: last?.toString('latin1') }
      })
    },
  }
}

/** The row of a member of a list; undefined when there is none, or when a redaction has given it another time since. */
export async function rowOfMember(session: Session, member: Buffer): Promise<AuditRow | undefined> {
  const place = placeOf(member)
  if (!Number.isSafeInteger(place.sequence)) return undefined
  const bytes = await bytesAt(session, place)
  const row = bytes && auditRowOf(bytes, place)
  return row !== undefined && isInPlace(row) && member.equals(Buffer.from(auditMember(row))) ? row : undefined
}

/** The bytes of the row in this place. */
export async function bytesAt(
  { keys, command }: Session,
  { stream, sequence }: AuditPlace,
): Promise<Buffer | undefined> {
  return bytesOf(listOf(await command('ZRANGEBYSCORE', keys.stream(stream), sequence, sequence))[0])
}

/** Whether a row can have an entry at all: one that no vault wrote may have neither a time nor a sequence. */
export function isInPlace({ sequence, columns }: AuditRow): boolean {
  return Number.isSafeInteger(sequence) && sequence >= 0 && !Number.isNaN(columns.at.getTime())
}

function rowAt(row: AuditRow, bytes: Buffer | undefined): AuditRow {
  const now = bytes && auditRowOf(bytes, row)
  return now !== undefined && isInPlace(now) ? now : row
}

async function withoutEntry({ keys, command }: Session, rows: readonly AuditRow[]): Promise<readonly AuditRow[]> {
  const missing = new Set<string>()
  await Promise.all(
    listParts(rows).map(async ({ list, members }) => {
      const scores = listOf(await command('ZMSCORE', keys.auditList(list), ...members))
      for (const [index, member] of members.entries()) if (isAbsent(scores[index])) missing.add(member)
    }),
  )
  return rows.filter((row) => missing.has(auditMember(row)))
}

async function straysAmong(session: Session, members: readonly Buffer[]): Promise<readonly AuditPlace[]> {
  const { keys, command } = session
  const streams = [...new Set(members.map((member) => placeOf(member).stream))]
  const scores = streams.length === 0 ? [] : listOf(await command('ZMSCORE', keys.streams, ...streams))
  const listed = new Set(streams.filter((_, index) => !isAbsent(scores[index])))
  const strays = await Promise.all(
    members.map(async (member) => {
      const place = placeOf(member)
      if (listed.has(place.stream) && (await rowOfMember(session, member)) !== undefined) return []
      // An erasure may have moved it meanwhile.
      return isAbsent(await command('ZSCORE', keys.auditList('all'), member)) ? [] : [place]
    }),
  )
  return strays.flat()
}

function placeOf(member: Buffer): AuditPlace {
  const [, stream = '', number = ''] = partsOf(member)
  return { stream, sequence: /^[0-9a-f]{14}$/.test(number) ? Number.parseInt(number, 16) : Number.NaN }
}

function isAbsent(reply: unknown): boolean {
  return reply === null || reply === undefined
}
