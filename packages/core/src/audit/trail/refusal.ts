// A row that a sink refuses permanently: how it differs from a transient failure, and how its batch is searched for it.
import { isVaultError } from '../../errors/index.ts'

/** Whether the same rows would fail again, as far as the sink can tell. */
export function isRefusal(cause: unknown): boolean {
  if (isVaultError(cause, 'VAULT_STORE_FAILED')) return !cause.retryable
  return cause instanceof TypeError || cause instanceof RangeError
}

/** How many rows go into a batch: fewer while one among them is refused. */
export interface BatchSize {
  rows(): number
  /** A batch of so many rows was refused. True when a smaller one can tell more. */
  halve(refusedRows: number): boolean
  /** So many rows were accepted. */
  accepted(rows: number): void
  reset(): void
}

export function batchSize(maxRows: number): BatchSize {
  let rows = maxRows
  // Of the batch that was refused, the rows that were neither accepted nor refused alone.
  let suspects = 0
  const reset = (): void => {
    rows = maxRows
    suspects = 0
  }
  return {
    rows: () => rows,
    halve(refusedRows) {
      if (refusedRows <= 1) {
        reset()
        return false
      }
      suspects = refusedRows
      rows = Math.ceil(refusedRows / 2)
      return true
    },
    accepted(count) {
      suspects -= count
      if (suspects <= 0) reset()
    },
    reset,
  }
}
