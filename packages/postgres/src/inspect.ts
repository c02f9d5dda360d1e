// Whether a database is what the store takes it for: asked on each new connection, and again every minute.
import { type Clock, isVaultError, VaultError } from '@mcpvault/core'
import { requireMigrations, type StoreLogger, warnOfPlainConnections } from '@mcpvault/core/adapter'
import type { Connection, PostgresClient } from './client.ts'
import { refuseBinary } from './column-types.ts'
import { isPathOf, routines } from './routines.ts'
import { migrations } from './schema.ts'
import type { Statements } from './statements.ts'

export interface InspectOptions {
  readonly sql: Statements
  readonly schema: string
  readonly durability: 'strict' | 'best-effort'
  readonly logger: StoreLogger
  readonly clock: Clock
}

/** What the connections of a pool are for: all rows, those of the principals that they serve, or reading a copy. */
export type PoolUse = 'all' | 'principals' | 'replica'

/** The inspections of one pool. */
export interface Inspector {
  /** Whether no connection has passed yet. */
  isStarting(): boolean
  /**
   * Whether the connection was not inspected yet, or not for a minute. One that was asked for at the start counts as
   * inspected once another has passed: the first calls of a process must not wait for a look each.
   */
  isDue(connection: Connection, asked: { readonly atStart: boolean }): boolean
  /**
   * Throws unless the schema is exactly this release's and the server fit for it: one round trip. What is wrong from the
   * start is `VAULT_CONFIG_INVALID`. What became wrong later is raised as an alarm and may be mended while the process
   * runs, so that it is `VAULT_STORE_FAILED`, retryable.
   */
  inspect(connection: Connection): Promise<void>
}

type SettingsRow = readonly [
  encoding: string,
  clientEncoding: string,
  replicationRole: string,
  isStandby: boolean,
  fsync: string,
  synchronousCommit: string,
]
type SchemaRow = readonly [
  checksums: Readonly<Record<string, string>> | null,
  paths: Readonly<Record<string, string>> | null,
  hasUnlogged: boolean | null,
  isEverySecured: boolean | null,
  isAnySecured: boolean | null,
]

/** Settings can be changed on a running server, without an end of any connection. */
const maxAgeMs = 60_000

/** Throws unless the server is fit for a schema that is yet to be made. */
export async function inspectServer(connection: Connection, { sql, durability }: InspectOptions): Promise<void> {
  requireClient(connection.client)
  requireSettings(firstRow(await connection.rows<SettingsRow>(sql.settings)), { durability, use: 'all' })
}

export function inspectorOf(use: PoolUse, options: InspectOptions): Inspector {
  const { logger, clock } = options
  // One client of a pool is one connection.
  const inspectedAtMs = new WeakMap<PostgresClient, number>()
  let hasPassed = false
  let isAlarmed = false

  return {
    isStarting: () => !hasPassed,
    isDue({ client }, { atStart }) {
      if (atStart && hasPassed && !inspectedAtMs.has(client)) inspectedAtMs.set(client, clock.monotonicMs())
      const atMs = inspectedAtMs.get(client)
      return atMs === undefined || clock.monotonicMs() - atMs >= maxAgeMs
    },
    async inspect(connection) {
      const { client } = connection
      try {
        requireClient(client)
        await requireDatabase(connection, { ...options, use })
      } catch (error) {
        if (!isVaultError(error)) throw error
        // Another connection may lead to another server, such as the new primary after a failover.
        connection.discard()
        if (!hasPassed) throw error
        if (!isAlarmed) {
          logger.warn({ store: 'postgres', field: error.field }, 'The database is no longer what the store needs.')
        }
        isAlarmed = true
        throw error.code === 'VAULT_CONFIG_INVALID' ? laterError(error) : error
      }
      inspectedAtMs.set(client, clock.monotonicMs())
      if (!hasPassed) {
        const isSocket = client.host?.startsWith('/') === true
        const made = { host: isSocket ? '' : client.host, isEncrypted: Boolean(client.ssl) }
        warnOfPlainConnections([made], { logger, fields: { store: 'postgres' } })
      }
      hasPassed = true
      isAlarmed = false
    },
  }
}

function laterError({ field, detail }: VaultError): VaultError {
  return new VaultError('VAULT_STORE_FAILED', {
    retryable: true,
    ...(field === undefined ? {} : { field }),
    ...(detail === undefined ? {} : { detail }),
  })
}

function requireClient({ native, binary }: PostgresClient): void {
  if (binary === true) refuseBinary()
  if (native === undefined) return
  throw invalid('pool', 'must be a Pool of pg itself, and not of pg.native, which cannot be given binary parameters.')
}

/** A client that is wrapped may turn the rows, which are asked for as arrays, into something else. */
function firstRow<Row extends readonly unknown[]>([row]: readonly Row[]): Row {
  if (row !== undefined && Array.isArray(row)) return row
  throw invalid('pool', 'must return the rows of a query as it asks for them: as arrays.')
}

interface Wanted extends InspectOptions {
  readonly use: PoolUse
}

async function requireDatabase(connection: Connection, wanted: Wanted): Promise<void> {
  const { sql, schema, durability, use } = wanted
  const row = firstRow(await connection.rows<readonly [...SettingsRow, ...SchemaRow]>(sql.inspect, [schema]))
  const [encoding, clientEncoding, replicationRole, isStandby, fsync, synchronousCommit, ...ofSchema] = row
  const [checksums, paths, hasUnlogged, isEverySecured, isAnySecured] = ofSchema
  const steps = Object.entries(checksums ?? {})
  requireMigrations(migrations, new Map(steps.map(([version, checksum]) => [Number(version), checksum])))
  requireSettings([encoding, clientEncoding, replicationRole, isStandby, fsync, synchronousCommit], wanted)
  if (routines.some(({ name }) => !isPathOf(schema, paths?.[name]))) {
    throw new VaultError('VAULT_STORE_NOT_READY', {
      detail: 'Its routines look for tables in another schema, as after a rename: migrate() mends them.',
    })
  }
  if (use !== 'replica' && durability === 'strict' && hasUnlogged === true) {
    throw invalid('durability', "must be 'best-effort' for unlogged tables, which a crash of the server empties.")
  }
  if (use === 'principals' && isEverySecured !== true) {
    throw invalid(
      'pool',
      'must be of a role that neither owns the tables nor has BYPASSRLS, after migrate() of a store with rls.',
    )
  }
  if (use !== 'principals' && isAnySecured === true) {
    throw invalid(
      'rls',
      'must be true: the tables have row level security, and a role that is held to it sees no row. With rls, the role ' +
        'of operatorPool owns the tables or has BYPASSRLS.',
    )
  }
}

// Roles and pools have settings of their own, so each process looks at those that it has.
function requireSettings(settings: SettingsRow, { durability, use }: Pick<Wanted, 'durability' | 'use'>): void {
  const [encoding, clientEncoding, replicationRole, isStandby, fsync, synchronousCommit] = settings
  if (encoding !== 'UTF8') {
    throw invalid('pool', 'must lead to a database whose encoding is UTF8, so that every name can be stored.')
  }
  if (clientEncoding !== 'UTF8') {
    throw invalid('pool.client_encoding', 'must be UTF8: names are sent and read as UTF-8.')
  }
  if (use === 'replica') return
  if (isStandby !== false) {
    throw invalid('pool', 'must lead to the primary server: this one is a standby, which stores nothing.')
  }
  if (replicationRole === 'replica') {
    throw invalid('pool', 'must not have session_replication_role = replica: parts of removed records would stay.')
  }
  if (durability === 'best-effort' || (fsync === 'on' && synchronousCommit !== 'off')) return
  throw invalid(
    'durability',
    "must be 'best-effort' for a server that acknowledges commits before they are on its disk.",
  )
}

function invalid(field: string, detail: string): VaultError {
  return new VaultError('VAULT_CONFIG_INVALID', { field, detail })
}
