// Which audit rows of a batch a store has yet to write.
import { sameBytes } from '../bytes/index.ts'
import type { AuditRow } from '../contracts/index.ts'

const nothing: readonly (Uint8Array | undefined)[] = Object.freeze([])

/**
 * The rows that are not there yet, each place once; undefined when one of them forks its stream, which means that a
 * row with another mac has its place. `stored` is what the store has in the place of each row: a mac, or undefined.
 * Without it the rows are compared with each other alone.
 *
 * @example
 * const missing = missingAuditRows(rows, rows.map(storedMac))
 * if (missing === undefined) return 'forked'
 */
export function missingAuditRows(
  rows: readonly AuditRow[],
  stored: readonly (Uint8Array | undefined)[] = nothing,
): readonly AuditRow[] | undefined {
  if (rows.length < 2 && stored.length === 0) return rows
  const macs = new Map<string, Uint8Array>()
  const missing: AuditRow[] = []
  for (const [index, row] of rows.entries()) {
    const place = `${row.stream} ${row.sequence}`
    const before = stored[index] ?? macs.get(place)
    if (before !== undefined && !sameBytes(before, row.mac)) return undefined
    if (before !== undefined) continue
    macs.set(place, row.mac)
    missing.push(row)
  }
  return missing
}
