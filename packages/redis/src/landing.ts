// Writes that bring audit rows: rows that are there already are left out, and others in their places are forks.
import type { AuditRow } from '@mcpvault/core'
import { missingAuditRows } from '@mcpvault/core/adapter'
import { bytesOf, type Engine, listOf, type Session } from './engine.ts'

/** What a call works with. */
export interface Working {
  readonly engine: Engine
  readonly session: Session
}

export interface Landing<T> {
  readonly rows: readonly AuditRow[]
  /** Writes with these rows; undefined, and nothing done, when any of them is there already. */
  run(missing: readonly AuditRow[]): Promise<T | undefined>
}

/** A row comes in between only when two writers use one stream, so a few looks are enough. */
const mostLooks = 4

/** Runs a write with those of its rows that are not there. Undefined, and nothing done, when one forks its stream. */
export async function landingWith<T>(working: Working, { rows, run }: Landing<T>): Promise<T | undefined> {
  let missing = missingAuditRows(rows)
  for (let looks = 0; missing !== undefined && looks < mostLooks; looks += 1) {
    const done = await run(missing)
    if (done !== undefined) return done
    missing = await notStored(working, missing)
  }
  return undefined
}

async function notStored(
  { engine, session }: Working,
  rows: readonly AuditRow[],
): Promise<readonly AuditRow[] | undefined> {
  const replies = await Promise.all(
    rows.map(({ stream, sequence }) =>
      session.command('ZRANGEBYSCORE', engine.keys.stream(stream), sequence, sequence),
    ),
  )
  const macs = replies.map((reply) => {
    const bytes = bytesOf(listOf(reply)[0])
    return bytes?.subarray(1, 1 + (bytes[0] ?? 0))
  })
  return missingAuditRows(rows, macs)
}
