// Audit rows that come with a write: what the script that appends them is given.
import type { AuditRow } from '@mcpvault/core'
import { appendOnce } from '@mcpvault/core/adapter'
import type { RedisArgument } from './client.ts'
import { bytesOf, listOf, type Session } from './engine.ts'
import { type Keys, memberOf, sortableNumber, sortableTime } from './keys.ts'
import { listsOfAuditRow } from './lists.ts'
import { auditRowBytes, macOf } from './rows.ts'

export interface AppendWith<T> {
  readonly rows: readonly AuditRow[]
  /** Runs the script with these rows; undefined when one of them is stored already, and then nothing is written. */
  run(rows: readonly AuditRow[]): Promise<T | undefined>
}

/** Runs a write that brings audit rows, without those that are stored already. */
export function appendWith<T>(session: Session, { rows, run }: AppendWith<T>): Promise<T | 'forked'> {
  return appendOnce(rows, {
    write: run,
    async storedMacs(each) {
      const replies = await Promise.all(
        each.map(({ stream, sequence }) =>
          session.command('ZRANGEBYSCORE', session.keys.stream(stream), sequence, sequence),
        ),
      )
      return replies.map((reply) => {
        const bytes = bytesOf(listOf(reply)[0])
        return bytes && macOf(bytes)
      })
    },
  })
}

/** The member of an audit row in its lists. */
export function auditMember({ stream, sequence, columns }: AuditRow): string {
  return memberOf(sortableTime(columns.at), stream, sortableNumber(sequence))
}

/** Keys and arguments for `append_rows`, in which no row comes twice. */
export function appendArguments(keys: Keys, rows: readonly AuditRow[]) {
  // Without rows no key of the trail is named: in a cluster it has a slot of its own.
  if (rows.length === 0) return { keys: [], values: [0] }
  const runs = consecutiveRuns(rows)
  const parts = listParts(rows)
  const values: RedisArgument[] = [runs.length]
  for (const run of runs) {
    const times = run.map(({ columns }) => columns.at.getTime())
    const [first, last] = [run[0], run.at(-1)]
    values.push(first?.stream ?? '', Math.min(...times), Math.max(...times))
    values.push(first?.sequence ?? 0, last?.sequence ?? 0, run.length)
    for (const row of run) {
      const { prefix, rest } = auditRowBytes(row)
      values.push(row.sequence, Buffer.concat([prefix, rest]))
    }
  }
  for (const { members } of parts) {
    values.push(members.length)
    for (const member of members) values.push(0, member)
  }
  const names = [
    ...[keys.streams, keys.streamTimes, keys.streamInfo],
    ...runs.map(([row]) => keys.stream(row?.stream ?? '')),
    ...parts.map(({ list }) => keys.auditList(list)),
  ]
  return { keys: names, values }
}

/** One command of a script takes so many rows or members; some thousands would not fit on its stack. */
const maxAtOnce = 500

/** Rows of one stream without gaps, so that any other row between the first and the last is a repeat or a fork. */
function consecutiveRuns(rows: readonly AuditRow[]): readonly (readonly AuditRow[])[] {
  const runs: AuditRow[][] = []
  for (const row of rows) {
    const run = runs.at(-1)
    const before = run?.at(-1)
    const follows = before?.stream === row.stream && before.sequence + 1 === row.sequence
    if (run !== undefined && follows && run.length < maxAtOnce) run.push(row)
    else runs.push([row])
  }
  return runs
}

interface ListPart {
  readonly list: string
  readonly members: string[]
}

/** The members of rows in each of their lists, few enough for one command. */
export function listParts(rows: readonly AuditRow[]): readonly ListPart[] {
  const parts: ListPart[] = []
  const open = new Map<string, ListPart>()
  for (const row of rows) {
    const member = auditMember(row)
    for (const list of listsOfAuditRow(row)) {
      const part = open.get(list)
      if (part !== undefined && part.members.length < maxAtOnce) part.members.push(member)
      else {
        const next = { list, members: [member] }
        open.set(list, next)
        parts.push(next)
      }
    }
  }
  return parts
}
