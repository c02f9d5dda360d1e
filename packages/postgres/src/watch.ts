// What other processes change, by LISTEN on a connection of the pool.
import { randomBytes } from 'node:crypto'
import type { Clock, StoreChange } from '@mcpvault/core'
import { heartbeat } from '@mcpvault/core/adapter'
import type { Notification, PostgresClient, PostgresPool } from './client.ts'
import type { Statements } from './statements.ts'

export interface ChangeFeed {
  /** What a write tells the others. */
  payloadOf(change: StoreChange): string
  watch(listener: (change: StoreChange) => void): () => void
}

export interface FeedOptions {
  readonly pool: PostgresPool
  readonly sql: Statements
  readonly clock: Clock
}

/** Changes of this process are left out by a name that it gives itself. */
export function changeFeed({ pool, sql, clock }: FeedOptions): ChangeFeed {
  const origin = randomBytes(6).toString('base64url')
  return {
    // Two names of 256 bytes at most stay far below the 8,000 bytes that a payload may have.
    payloadOf: (change) => JSON.stringify([origin, change]),
    watch(listener) {
      let ear: Ear | undefined

      async function listenAnew(signal: AbortSignal): Promise<void> {
        const client = await pool.connect()
        // A connection that comes too late goes back unused.
        if (signal.aborted) return client.release()
        ear = earOf(client, { origin, sql, listener, onLost: forget })
        await ear.ask()
        // Whatever happened before is not told, also before the first time: a connection may be long in coming.
        if (!signal.aborted) listener({ kind: 'everything' })
      }

      function forget(): void {
        ear?.close()
        ear = undefined
      }

      const end = heartbeat({
        clock,
        ask: (signal) => ear?.ask() ?? listenAnew(signal),
        onSilence() {
          forget()
          listener({ kind: 'everything' })
        },
      })
      return () => {
        end()
        forget()
      }
    },
  }
}

/** A connection that listens. */
interface Ear {
  /** To listen again changes nothing, and is answered after all that was told before. */
  ask(): Promise<unknown>
  /** The connection is closed, since it would go on listening. */
  close(): void
}

interface Listening {
  readonly origin: string
  readonly sql: Statements
  readonly listener: (change: StoreChange) => void
  onLost(): void
}

function earOf(client: PostgresClient, { origin, sql, listener, onLost }: Listening): Ear {
  let isClosed = false
  function onNotification({ payload }: Notification): void {
    const change = parseChange(payload ?? '')
    if (change !== undefined && change.origin !== origin) listener(change.change)
  }
  client.on('notification', onNotification)
  // The listener stays after the end: a connection that is being closed may still fail.
  client.on('error', () => {
    if (!isClosed) onLost()
  })
  return {
    ask: () => client.query(sql.listen),
    close() {
      isClosed = true
      client.removeListener('notification', onNotification)
      client.release(new Error('The connection listened.'))
    },
  }
}

function parseChange(payload: string): { readonly origin: string; readonly change: StoreChange } | undefined {
  try {
    const [origin, change]: [string, StoreChange] = JSON.parse(payload)
    return typeof origin === 'string' && typeof change?.kind === 'string' ? { origin, change } : undefined
  } catch {
    // Anybody may notify on any channel.
    return undefined
  }
}
