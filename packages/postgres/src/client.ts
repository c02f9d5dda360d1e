// What the store needs of the caller's pool, and connections that are always given back.
import { type CallOptions, isVaultError } from '@mcpvault/core'
import { untilAborted } from '@mcpvault/core/adapter'

/** A statement as `pg` takes it. */
export interface PostgresQuery {
  readonly text: string
  readonly values?: unknown[]
  readonly name?: string
  readonly rowMode?: 'array'
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
 * Takes a connection for `work`. When the signal ends the wait, the connection is closed: what it was doing is then
 * undone, or done, but never half done.
 */
export async function withConnection<T>(
  pool: PostgresPool,
  options: CallOptions | undefined,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const signal = options?.signal
  signal?.throwIfAborted()
  let giveBack = (_failure: Error | undefined): void => undefined
  let failure: Error | undefined
  const run = async (): Promise<T> => {
    const client = await pool.connect()
    if (signal?.aborted) {
      // A connection that comes too late goes back unused.
      client.release()
      throw signal.reason
    }
    giveBack = borrow(client)
    return await work(connectionOf(client))
  }
  try {
    return await untilAborted(run(), signal)
  } catch (error) {
    if (signal?.aborted || !(isVaultError(error) || isServerError(error))) {
      failure = new Error('The connection is not used again.')
    }
    throw error
  } finally {
    giveBack(failure)
  }
}

/** Returns the function that gives the connection back; after a failure it is closed rather than used again. */
function borrow(client: PostgresClient): (failure: Error | undefined) => void {
  // A connection that breaks while it is ours tells so by an event too, which nobody else listens to.
  const ignore = (): void => undefined
  client.on('error', ignore)
  return (failure) => {
    client.removeListener('error', ignore)
    client.release(failure)
  }
}

function connectionOf(client: PostgresClient): Connection {
  return {
    async rows<Row extends readonly unknown[]>({ name, text }: Statement, values: readonly unknown[] = []) {
      const query: PostgresQuery = { text, values: [...values], rowMode: 'array' }
      const { rows } = await client.query(name === undefined ? query : { ...query, name })
      // The driver cannot know the columns; each statement names the rows that its text gives.
      return rows as Row[]
    },
  }
}

/** An answer of the server, after which the connection goes on; its ends (class 57P) and broken sockets are not. */
function isServerError(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && !code.startsWith('57P') && !code.startsWith('08')
}
