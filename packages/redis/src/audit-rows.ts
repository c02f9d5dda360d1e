// Audit rows as members of their stream's list, and the lists by which they are found again.
import type { AuditColumns, AuditFilter, AuditRow } from '@mcpvault/core'
import { decodeBytesList, encodeBytesList } from '@mcpvault/core/adapter'
import type { RedisArgument } from './client.ts'
import type { Keys } from './keys.ts'
import { memberOf, sortableNumber, sortableTime } from './members.ts'

/** A row begins with its mac, by which a script knows it again. */
export function rowBytes({ mac, body, redaction, columns }: AuditRow): {
  readonly prefix: Buffer
  readonly rest: Buffer
} {
  const text = Buffer.from(JSON.stringify({ ...columns, at: columns.at.getTime() }), 'utf8')
  const parts = [text, body, ...(redaction === undefined ? [] : [redaction])]
  return { prefix: Buffer.concat([Buffer.from([mac.length]), mac]), rest: Buffer.from(encodeBytesList(parts)) }
}

interface RowPlace {
  readonly stream: string
  readonly sequence: number
}

export function rowOf(bytes: Buffer, { stream, sequence }: RowPlace): AuditRow {
  const start = 1 + (bytes[0] ?? 0)
  const [text, body, redaction] = decodeBytesList(bytes.subarray(start))
  if (text === undefined || body === undefined) throw new RangeError('The audit row ends too early.')
  const stored: Omit<AuditColumns, 'at'> & { readonly at: number } = JSON.parse(Buffer.from(text).toString('utf8'))
  const columns: AuditColumns = { ...stored, at: new Date(stored.at) }
  const row = { stream, sequence, mac: bytes.subarray(1, start), body, columns }
  return redaction === undefined ? row : { ...row, redaction }
}

/** The lists of one row: whatever a filter can name alone. */
export function rowLists({ stream, columns }: Pick<AuditRow, 'stream' | 'columns'>): readonly string[] {
  const { principal, owner, secretId, correlationId } = columns
  return [
    'all',
    named('stream', stream),
    named('principal', principal),
    ...(owner === undefined ? [] : [named('owner', owner)]),
    ...(secretId === undefined ? [] : [named('secret', secretId)]),
    ...(correlationId === undefined ? [] : [named('call', correlationId)]),
  ]
}

/** The list that a filter walks: the one with probably the fewest other rows. */
export function listFor({ stream, correlationId, secretId, owner, principal }: AuditFilter): string {
  if (correlationId !== undefined) return named('call', correlationId)
  if (secretId !== undefined) return named('secret', secretId)
  if (stream !== undefined) return named('stream', stream)
  if (owner !== undefined) return named('owner', owner)
  return principal === undefined ? 'all' : named('principal', principal)
}

function named(kind: string, value: string): string {
  return `${kind}\u0001${value}`
}

export function rowMember({ stream, sequence, columns }: AuditRow): string {
  return memberOf(sortableTime(columns.at), stream, sortableNumber(sequence))
}

/** Keys and arguments of the part of a script that appends rows, in which no row comes twice. */
export function auditArguments(keys: Keys, rows: readonly AuditRow[]) {
  // Without rows no key of the trail is named: in a cluster it has a slot of its own.
  if (rows.length === 0) return { keys: [], values: [0] }
  const runs = consecutiveRuns(rows)
  const lists = listParts(rows)
  const values: RedisArgument[] = [runs.length]
  for (const run of runs) {
    const times = run.map(({ columns }) => columns.at.getTime())
    const [first, last] = [run[0], run.at(-1)]
    values.push(first?.stream ?? '', Math.min(...times), Math.max(...times))
    values.push(first?.sequence ?? 0, last?.sequence ?? 0, run.length)
    for (const row of run) {
      const { prefix, rest } = rowBytes(row)
      values.push(row.sequence, Buffer.concat([prefix, rest]))
    }
  }
  for (const { members } of lists) {
    values.push(members.length)
    for (const member of members) values.push(0, member)
  }
  const names = [
    ...[keys.streams, keys.streamTimes, keys.streamInfo],
    ...runs.map(([row]) => keys.stream(row?.stream ?? '')),
    ...lists.map(({ name }) => keys.auditList(name)),
  ]
  return { keys: names, values }
}

/** One command of a script takes so many rows or members; more than some thousands would not fit its stack. */
const mostAtOnce = 500

/** Rows of one stream with nothing between them, in which any other row must be a repeat or a fork. */
function consecutiveRuns(rows: readonly AuditRow[]): readonly (readonly AuditRow[])[] {
  const runs: AuditRow[][] = []
  for (const row of rows) {
    const run = runs.at(-1)
    const before = run?.at(-1)
    const follows = before?.stream === row.stream && before.sequence + 1 === row.sequence
    if (run !== undefined && follows && run.length < mostAtOnce) run.push(row)
    else runs.push([row])
  }
  return runs
}

interface ListPart {
  readonly name: string
  readonly members: string[]
}

function listParts(rows: readonly AuditRow[]): readonly ListPart[] {
  const parts: ListPart[] = []
  const open = new Map<string, ListPart>()
  for (const row of rows) {
    const member = rowMember(row)
    for (const name of rowLists(row)) {
      const part = open.get(name)
      if (part !== undefined && part.members.length < mostAtOnce) part.members.push(member)
      else {
        const next = { name, members: [member] }
        open.set(name, next)
        parts.push(next)
      }
    }
  }
  return parts
}
