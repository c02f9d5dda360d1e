// Listens for what other processes change, by LISTEN on a connection of the pool.
import type { Clock, StoreChange } from '@mcpvault/core'
import { type ChangeMessages, callSafely, heartbeat } from '@mcpvault/core/adapter'
import type { Notification, PostgresClient, PostgresPool } from './client.ts'
import type { Statements } from './statements.ts'

export interface WatchOptions {
  readonly pool: PostgresPool
  readonly sql: Statements
  readonly clock: Clock
  readonly messages: ChangeMessages
}

/** Calls `onChange` for each change of another process. Returns the function that ends it. */
export type Watch = (onChange: (change: StoreChange) => void) => () => void

export function postgresWatch({ pool, sql, clock, messages }: WatchOptions): Watch {
  return (given) => {
    const onChange = (change: StoreChange): void => callSafely(() => given(change))
    let listener: Listener | undefined

    async function reconnect(signal: AbortSignal): Promise<void> {
      const client = await pool.connect()
      // A connection that comes too late goes back unused.
      if (signal.aborted) return client.release()
      listener = openListener(client, { sql, messages, onChange, onLost: close })
      await listener.ping()
      // Changes before this moment were missed, the first time too: a connection may take long to open.
      if (!signal.aborted) onChange({ kind: 'everything' })
    }

    function close(): void {
      listener?.close()
      listener = undefined
    }

    const stop = heartbeat({
      clock,
      ask: (signal) => listener?.ping() ?? reconnect(signal),
      onSilence() {
        close()
        onChange({ kind: 'everything' })
      },
    })
    return () => {
      stop()
      close()
    }
  }
}

/** A connection that listens. */
interface Listener {
  /** Listening again changes nothing, and is answered after all notifications that came before. */
  ping(): Promise<unknown>
  /** The connection is closed rather than kept, since it would go on listening. */
  close(): void
}

interface ListenerOptions {
  readonly sql: Statements
  readonly messages: ChangeMessages
  readonly onChange: (change: StoreChange) => void
  readonly onLost: () => void
}

function openListener(client: PostgresClient, { sql, messages, onChange, onLost }: ListenerOptions): Listener {
  let isClosed = false
  function onNotification({ payload = '' }: Notification): void {
    const change = messages.decode(payload)
    if (change !== undefined) onChange(change)
  }
  client.on('notification', onNotification)
  // This stays after the end: a connection that is being closed may still fail.
  client.on('error', () => {
    if (!isClosed) onLost()
  })
  return {
    ping: () => client.query(sql.listen),
    close() {
      isClosed = true
      client.removeListener('notification', onNotification)
      client.release(new Error('The connection listened.'))
    },
  }
}
