// How often the servers behind a client changed: by a restart, a fail-over, or a new member.
import type { MongoClient } from './client.ts'

interface ConnectionEvents {
  connections: number
}

/** Many stores may share a client, and listen to it once. */
const watched = new WeakMap<MongoClient, ConnectionEvents>()

export function connectionEvents(client: MongoClient): Readonly<ConnectionEvents> {
  const known = watched.get(client)
  if (known !== undefined) return known
  const events = { connections: 0 }
  watched.set(client, events)
  client.on?.('topologyDescriptionChanged', () => {
    events.connections += 1
  })
  return events
}
