// Writes that bring audit rows, which may have been written before by an attempt of unknown outcome.
import { type AuditRow, type CallOptions, VaultError } from '@mcpvault/core'
import { appendOnce as appendRowsOnce } from '@mcpvault/core/adapter'
import type { Engine } from './engine.ts'
import { isDuplicate } from './errors.ts'

export interface AppendOnce<T> {
  readonly rows: readonly AuditRow[]
  readonly options: CallOptions | undefined
  /** Writes with those of the rows that are not there yet. */
  write(missing: readonly AuditRow[]): Promise<T>
}

/** Runs a write with its audit rows, each of them once; `forked`, and nothing is written, when one forks its stream. */
export function appendOnce<T>(engine: Engine, { rows, options, write }: AppendOnce<T>): Promise<T | 'forked'> {
  return appendRowsOnce(rows, {
    async write(missing) {
      try {
        return await write(missing)
      } catch (error) {
        if (error instanceof VaultError && isDuplicate(error.cause)) return undefined
        throw error
      }
    },
    async storedMacs(missing) {
      const places = [missing.map(({ stream }) => stream), missing.map(({ sequence }) => sequence)]
      const found = await engine.readAll(options, (connection) =>
        connection.rows<[Buffer | null]>(engine.sql.auditMacs, places),
      )
      return missing.map((_, index) => found[index]?.[0] ?? undefined)
    },
  })
}
