// Writes that bring audit rows, which may have been written before by an attempt of unknown outcome.
import { type AuditRow, type Awaitable, type CallOptions, VaultError } from '@mcpvault/core'
import { missingAuditRows } from '@mcpvault/core/adapter'
import type { Engine } from './engine.ts'
import { isDuplicate } from './errors.ts'

export interface AppendOnce<T> {
  readonly rows: readonly AuditRow[]
  readonly options: CallOptions | undefined
  /** Writes with those of the rows that are not there yet. */
  write(missing: readonly AuditRow[]): Awaitable<T>
}

/** A row comes in between only when two writers use one stream, so a few attempts are enough. */
const maxAttempts = 4

/**
 * Runs a write with its audit rows. Rows that are there already with the same mac are left out; one with another mac is
 * a fork, and nothing is written.
 */
export async function appendOnce<T>(engine: Engine, { rows, options, write }: AppendOnce<T>): Promise<T> {
  // One statement must not bring a row twice.
  let missing = unlessForked(missingAuditRows(rows))
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await write(missing)
    } catch (error) {
      if (!(error instanceof VaultError) || !isDuplicate(error.cause) || attempt >= maxAttempts) throw error
      const stored = await storedMacs(engine, { rows: missing, options })
      missing = unlessForked(missingAuditRows(missing, stored))
    }
  }
}

/** Whether rows were refused because others have their places. */
export function isFork(error: unknown): boolean {
  return error instanceof VaultError && error.cause === forked
}

const forked = new Error('Another event has the place of this one.')

function unlessForked(rows: readonly AuditRow[] | undefined): readonly AuditRow[] {
  if (rows !== undefined) return rows
  throw new VaultError('VAULT_STORE_FAILED', {
    detail: 'The audit rows fork their stream.',
    cause: forked,
    retryable: false,
  })
}

async function storedMacs(
  engine: Engine,
  { rows, options }: { readonly rows: readonly AuditRow[]; readonly options: CallOptions | undefined },
): Promise<readonly (Uint8Array | undefined)[]> {
  const places = [rows.map(({ stream }) => stream), rows.map(({ sequence }) => sequence)]
  const found = await engine.readAll(options, (connection) =>
    connection.rows<[Buffer | null]>(engine.sql.auditMacs, places),
  )
  return rows.map((_, index) => found[index]?.[0] ?? undefined)
}
