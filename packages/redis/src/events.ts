// The events of a client's connection: errors, which are logged, and that it is connected again.
import { type StoreLogger, safeLogger } from '@mcpvault/core/adapter'

/** What emits the events of a connection. Some clients that wrap another one emit none. */
export interface Connected {
  on?(event: 'error', listener: (error: Error) => void): unknown
  on?(event: 'ready', listener: () => void): unknown
}

/** What is known of a client's connection. */
export interface ConnectionEvents {
  /** How often the client was connected, as far as a store of it can tell. */
  readonly connections: number
}

interface Watched {
  connections: number
  isDown: boolean
  readonly loggers: Set<StoreLogger>
}

/** Many stores may share a client, and listen to it once. */
const watched = new WeakMap<Connected, Watched>()

/**
 * Listens to the client from now on. Without a listener for errors ioredis prints them, and a client of a cluster ends
 * the process. One error is logged for each time that the connection is lost: calls report the others.
 */
export function connectionEvents(client: Connected, logger: StoreLogger | undefined): ConnectionEvents {
  let state = watched.get(client)
  if (state === undefined) {
    state = { connections: 0, isDown: false, loggers: new Set() }
    watched.set(client, state)
    listen(client, state)
  }
  if (logger !== undefined) state.loggers.add(logger)
  return state
}

function listen(client: Connected, state: Watched): void {
  client.on?.('ready', () => {
    state.connections += 1
    state.isDown = false
  })
  client.on?.('error', (error) => {
    if (state.isDown) return
    state.isDown = true
    // The message of an error may repeat what was sent.
    const fields = { store: 'redis', error: 'code' in error ? error.code : error.name }
    for (const logger of state.loggers) safeLogger(logger).warn(fields, 'The connection to the database failed.')
  })
}
