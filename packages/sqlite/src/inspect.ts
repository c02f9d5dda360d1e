// Whether a connection serves a store: how its database is written, and how its driver returns values.
import { VaultError } from '@mcpvault/core'
import type { Client } from './client.ts'
import { sql } from './statements.ts'

/** The option that the caller has to correct. */
export type SourceField = 'path' | 'database'

/** What a connection is set to now. */
export interface Settings {
  /** The database's file, or empty text for one in memory. */
  readonly file: string
  /** In lower case, such as `wal`. */
  readonly journalMode: string
  readonly isSynchronous: boolean
}

const fullSynchronous = 2

export function settingsOf(client: Client): Settings {
  const main = client.all(sql.databases).find(([, name]) => name === 'main')
  return {
    file: main?.[2] ?? '',
    journalMode: client.get(sql.journalMode)?.[0] ?? '',
    isSynchronous: (client.get(sql.synchronous)?.[0] ?? 0) >= fullSynchronous,
  }
}

export interface Inspection {
  readonly field: SourceField
  /** What the look before found; undefined at the first one. */
  readonly before: Settings | undefined
}

/** Throws `VAULT_CONFIG_INVALID` unless a store can work on the connection, and as durably as before. */
export function inspectConnection(client: Client, { field, before }: Inspection): Settings {
  requireTypes(client)
  const detail = wrongSetting(client)
  if (detail !== undefined) throw new VaultError('VAULT_CONFIG_INVALID', { detail, field })
  const settings = settingsOf(client)
  requireJournal(settings, field)
  if (before?.isSynchronous === true && !settings.isSynchronous) {
    throw new VaultError('VAULT_CONFIG_INVALID', {
      detail: 'must stay as durable as it was when the store was made: set PRAGMA synchronous = FULL.',
      field,
    })
  }
  return settings
}

/** Each of these may be set on a connection at any time, by anyone who has it. */
function wrongSetting(client: Client): string | undefined {
  // Text is compared by its bytes.
  if (client.get(sql.encoding)?.[0] !== 'UTF-8') return 'must be encoded in UTF-8.'
  if (client.get(sql.queryOnly)?.[0] !== 0) return 'must be writable: set PRAGMA query_only = OFF.'
  // With it writes return rows, and some drivers then leave them half done.
  if (client.get(sql.countChanges)?.[0] !== 0) return 'must return no row for a write: set PRAGMA count_changes = OFF.'
  return undefined
}

/**
 * Without a journal SQLite cannot roll back, and one in memory is gone with its process: killed during a write, it
 * leaves a broken file. A database that is in memory itself has nothing to lose.
 */
function requireJournal({ file, journalMode }: Settings, field: SourceField): void {
  if (journalMode !== 'off' && (journalMode !== 'memory' || file === '')) return
  const detail = 'must have a journal on disk: set PRAGMA journal_mode = WAL, not OFF or MEMORY.'
  throw new VaultError('VAULT_CONFIG_INVALID', { detail, field })
}

/** The store asks each statement for plain numbers; a wrapped driver may not have the means. */
function requireTypes(client: Client): void {
  const [integer, text, bytes, nothing] = client.get(sql.types) ?? []
  if (integer === 1 && text === 'a' && bytes instanceof Uint8Array && nothing === null) return
  throw new VaultError('VAULT_CONFIG_INVALID', {
    detail: 'must return integers as numbers (turn safe integers off), text as strings, and blobs as Uint8Array.',
    field: 'database',
  })
}
