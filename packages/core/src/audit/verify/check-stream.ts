// Checks one stream row by row: place, mac or redaction, body, columns, and how streams begin and end.
import { hmacKey, type KeyForm, sameBytes, wipe } from '../../bytes/index.ts'
import type { AuditRow } from '../../contracts/index.ts'
import { columnsMatch, readRow } from '../log/columns.ts'
import { firstKey, macBytes, nextKey, streamMac } from '../log/mac.ts'
import { type AuditKeys, isRedactionProven } from '../log/redact.ts'

/**
 * What is wrong with a row: a row before it is missing (`gap`), it does not come in order (`order`), its mac or its
 * proof of redaction does not hold, its body is no event of this place, its columns say something else than its body,
 * the stream does not begin with its opening event, or goes on after its closing one.
 */
export type RowProblem = 'gap' | 'order' | 'mac' | 'redaction' | 'body' | 'columns' | 'not-opened' | 'after-close'

export interface StreamChecker {
  /**
   * Takes the next row. After `gap` and `order` the stream cannot be followed any further; after any other problem
   * the next rows are checked against what is stored.
   */
  check(row: AuditRow): RowProblem | undefined
  /** The sequence that must come next. */
  nextSequence(): number
  /** Whether the closing event has come. */
  isClosed(): boolean
  /** Wipes the key. */
  end(): void
}

/** A checker from the first row of a stream on. */
export function streamChecker(options: AuditKeys & { readonly stream: Uint8Array }): StreamChecker {
  const { root, vaultId } = options
  const macOf = streamMac(options)
  let key = firstKey(options)
  let previousMac: Uint8Array = new Uint8Array(macBytes)
  let next = 0
  let isClosed = false

  const macProblem = (row: AuditRow, used: KeyForm): RowProblem | undefined => {
    if (row.redaction !== undefined) return isRedactionProven({ root, vaultId, row }) ? undefined : 'redaction'
    return sameBytes(macOf({ key: used, sequence: next, previousMac, body: row.body }), row.mac) ? undefined : 'mac'
  }

  const contentProblem = (row: AuditRow): RowProblem | undefined => {
    const record = readRow(row)
    if (record === undefined) return 'body'
    if (!columnsMatch(record, row.columns)) return 'columns'
    if (isClosed) return 'after-close'
    isClosed = record.event.action === 'audit.closed'
    return row.sequence === 0 && record.event.action !== 'audit.opened' ? 'not-opened' : undefined
  }

  return {
    check(row) {
      if (row.sequence !== next) return row.sequence > next ? 'gap' : 'order'
      const used = hmacKey(key)
      const problem = macProblem(row, used) ?? contentProblem(row)
      const following = nextKey(used)
      wipe(key)
      key = following
      previousMac = row.mac.length === macBytes ? row.mac : new Uint8Array(macBytes)
      next += 1
      return problem
    },
    nextSequence: () => next,
    isClosed: () => isClosed,
    end() {
      wipe(key)
    },
  }
}
