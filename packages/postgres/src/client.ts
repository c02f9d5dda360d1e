// What the store needs of the caller's pool, and connections that are always given back.
import { type CallOptions, isVaultError } from '@mcpvault/core'
import { untilAborted } from '@mcpvault/core/adapter'
import { type ColumnTypes, columnTypes } from './column-types.ts'
import { storeError } from './errors.ts'

/** A statement as `pg` takes it. */
export interface PostgresQuery {
  readonly text: string
  readonly values?: unknown[]
  readonly name?: string
  readonly rowMode?: 'array'
  readonly types?: ColumnTypes
}

/** What a client of a pool can do. */
export interface PostgresClient {
  query(query: PostgresQuery): Promise<{ readonly rows: unknown[] }>
  /** With an error, the connection is closed rather than kept. */
  release(error?: Error): void
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'notification', listener: (message: Notification) => void): unknown
  removeListener(event: 'error' | 'notification', listener: (message: Error & Notification) => void): unknown
}

/** What came on a channel. */
export interface Notification {
  readonly payload?: string | undefined
}

/** The part of `Pool` of `pg` that the store uses. It is never closed or configured. */
export interface PostgresPool {
  connect(): Promise<PostgresClient>
  /** A pool tells of connections that broke while nobody used them. */
  on?(event: 'error', listener: (error: Error) => void): unknown
  readonly options?: { readonly max?: number | undefined }
}

/** One connection while it is ours. */
export interface Connection {
  /** Rows as arrays of columns. */
  rows<Row extends readonly unknown[]>(statement: Statement, values?: readonly unknown[]): Promise<readonly Row[]>
}

/** A statement with a fixed text is prepared under its name, once on each connection. */
export interface Statement {
  readonly name?: string
  readonly text: string
}

/**
 * Takes a connection for `work`, and throws the errors of the contract. When the signal ends the wait, the connection is
 * closed: what it was doing is then undone, or done, but never half done.
 */
export async function withConnection<T>(
  pool: PostgresPool,
  options: CallOptions | undefined,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const signal = options?.signal
  signal?.throwIfAborted()
  const connecting = pool.connect()
  let client: PostgresClient | undefined
  let failure: Error | undefined
  try {
    client = await untilAborted(connecting, signal)
    // A broken connection emits `error` too, which without a listener ends the process.
    client.on('error', ignore)
    return await untilAborted(work(connectionOf(client)), signal)
  } catch (error) {
    if (client === undefined) releaseLate(connecting)
    if (signal?.aborted || !(isVaultError(error) || isServerError(error))) {
      failure = new Error('The connection is not used again.')
    }
    throw signal?.aborted ? signal.reason : storeError(error)
  } finally {
    client?.removeListener('error', ignore)
    client?.release(failure)
  }
}

function ignore(): void {}

/** A connection that comes too late goes back unused. */
function releaseLate(connecting: Promise<PostgresClient>): void {
  connecting.then((client) => client.release(), ignore)
}

/** All of the work, or nothing. */
export async function inTransaction<T>(connection: Connection, work: () => Promise<T>): Promise<T> {
  await connection.rows({ text: 'BEGIN' })
  try {
    const result = await work()
    await connection.rows({ text: 'COMMIT' })
    return result
  } catch (error) {
    // After a failed commit there is nothing to roll back, and the server only warns of it.
    await connection.rows({ text: 'ROLLBACK' })
    throw error
  }
}

function connectionOf(client: PostgresClient): Connection {
  return {
    rows<Row extends readonly unknown[]>({ name, text }: Statement, values: readonly unknown[] = []) {
      const query: PostgresQuery = { text, values: [...values], rowMode: 'array', types: columnTypes }
      const answer = client.query(name === undefined ? query : { ...query, name })
      // The driver cannot know the columns; each statement names the rows that its text gives.
      return answer.then(({ rows }) => rows as Row[])
    },
  }
}

/** An answer of the server after which the connection goes on, unlike its ends (class 57P) and broken sockets. */
function isServerError(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && !code.startsWith('57P') && !code.startsWith('08')
}
