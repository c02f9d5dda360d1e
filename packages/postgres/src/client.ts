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
  /** What a client of `pg` says of itself; `native` only of the one on libpq. */
  readonly host?: string | undefined
  readonly ssl?: unknown
  readonly binary?: boolean | undefined
  readonly native?: unknown
  removeListener(event: 'error' | 'notification', listener: (message: Error & Notification) => void): unknown
}

/** What came on a channel. */
export interface Notification {
  readonly payload?: string | undefined
}

/** The part of `Pool` of `pg` that the store uses. It is never closed or configured. */
export interface PostgresPool {
  connect(): Promise<PostgresClient>
  /** Emitted for connections that broke while nobody used them. */
  on?(event: 'error', listener: (error: Error) => void): unknown
  readonly options?: { readonly max?: number | undefined }
}

/** One connection while it is ours. */
export interface Connection {
  readonly client: PostgresClient
  /** Closes the connection after the work, rather than keep it. */
  discard(): void
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
    const discard = (): void => {
      failure = new Error('The connection is not used again.')
    }
    return await untilAborted(work(connectionOf(client, discard)), signal)
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

function connectionOf(client: PostgresClient, discard: () => void): Connection {
  return {
    client,
    discard,
    rows<Row extends readonly unknown[]>({ name, text }: Statement, values: readonly unknown[] = []) {
      const query: PostgresQuery = { text, values: [...values], rowMode: 'array', types: columnTypes }
      const answer = client.query(name === undefined ? query : { ...query, name })
      // The driver cannot know the columns; each statement names the rows that its text gives.
      return answer.then(({ rows }) => rows as Row[])
    },
  }
}

/** Ends of the connection (57P), broken sockets (08), and a server that only reads (25006): the next one may write. */
const fatal = /^(?:57P|08|25006)/

/** An answer of the server after which the connection goes on. */
function isServerError(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && !fatal.test(code)
}
