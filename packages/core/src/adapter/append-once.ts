// Audit rows that are appended once, however often they are sent: rows that are stored are left out, forks are refused.
import { sameBytes } from '../bytes/index.ts'
import type { AuditRow } from '../contracts/index.ts'
import { VaultError } from '../errors/index.ts'

/** What a store does for `appendOnce`. */
export interface AppendSteps<T> {
  /**
   * Writes these rows, and what is committed with them. Undefined, and nothing written, when a row with the stream and
   * sequence of one of them is stored already.
   */
  write(missing: readonly AuditRow[]): Promise<T | undefined>
  /** For each row the mac of the one that is stored with its stream and sequence; undefined where there is none. */
  storedMacs(rows: readonly AuditRow[]): Promise<readonly (Uint8Array | undefined)[]>
}

/** Each further attempt needs another writer of the same rows, and a stream has one writer. */
const maxAttempts = 4

/**
 * Runs a write that brings audit rows. Rows that are stored already with the same mac are left out; `forked`, and
 * nothing is written, when a row with another mac has the place of one of them. No row is written twice in one batch.
 *
 * @example
 * const outcome = await appendOnce(rows, {
 *   write: (missing) => unlessDuplicate(() => client.insertRows(missing)),
 *   storedMacs: (each) => client.readMacs(each),
 * })
 */
export async function appendOnce<T>(
  rows: readonly AuditRow[],
  { write, storedMacs }: AppendSteps<T>,
): Promise<T | 'forked'> {
  let missing = missingAuditRows(rows)
  for (let attempt = 1; missing !== undefined; attempt += 1) {
    const result = await write(missing)
    if (result !== undefined) return result
    if (attempt === maxAttempts) throw new VaultError('VAULT_STORE_FAILED', { detail: interrupted })
    missing = missingAuditRows(missing, await storedMacs(missing))
  }
  return 'forked'
}

const interrupted = 'Other writers kept appending the same audit rows.'

/**
 * The result of a write whose audit rows did not fork their stream. Throws `VAULT_STORE_FAILED`, not retryable, for
 * `forked`, as `put` and `remove` of a store have to.
 *
 * @example
 * return refuseFork(await appendOnce(audit, { write, storedMacs }))
 */
export function refuseFork<T>(outcome: T | 'forked'): T {
  if (outcome !== 'forked') return outcome
  throw new VaultError('VAULT_STORE_FAILED', { detail: 'The audit rows fork their stream.', retryable: false })
}

const nothing: readonly (Uint8Array | undefined)[] = Object.freeze([])

/**
 * The rows that are not stored yet, none of them twice; undefined when one of them forks its stream, which means that a
 * row with another mac has its stream and sequence. `stored` has for each row the mac that is stored there, or undefined.
 * Without it the rows are compared with each other only.
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
