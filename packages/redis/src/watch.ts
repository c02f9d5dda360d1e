// What other processes change, by a channel that writes publish on.
import type { Clock, StoreChange } from '@mcpvault/core'
import { heartbeat } from '@mcpvault/core/adapter'
import type { RedisSubscriber } from './client.ts'

export interface FeedOptions {
  readonly subscriber: RedisSubscriber
  readonly channel: string
  /** Changes of this process are left out. */
  readonly origin: string
  readonly clock: Clock
}

/** Listens until it is ended. What happened before the subscriber had subscribed is told as `everything`. */
export function listen(
  { subscriber, channel, origin, clock }: FeedOptions,
  listener: (change: StoreChange) => void,
): () => void {
  let isEnded = false
  let subscribing: Promise<unknown> | undefined
  const onMessage = (from: string, message: string): void => {
    if (from !== channel || isEnded) return
    const change = parseChange(message)
    if (change !== undefined && change.origin !== origin) listener(change.change)
  }
  const tellEverything = (): void => {
    if (!isEnded) listener({ kind: 'everything' })
  }
  // To subscribe again changes nothing, and is answered after all that was told before. A client without a connection
  // keeps what it is asked, so it is asked once.
  const subscribe = (): Promise<unknown> => {
    subscribing ??= subscriber.subscribe(channel).finally(() => {
      subscribing = undefined
    })
    return subscribing
  }
  // A client subscribes again by itself to what it was subscribed to once, but not after a subscription that failed.
  const onReady = (): void => {
    subscribe().then(tellEverything, () => undefined)
  }
  subscriber.on('message', onMessage)
  subscriber.on('ready', onReady)
  onReady()
  const endHeartbeat = heartbeat({ clock, ask: subscribe, onSilence: tellEverything })
  return () => {
    isEnded = true
    endHeartbeat()
    subscriber.off('message', onMessage)
    subscriber.off('ready', onReady)
    // Another store may listen on the same client, so the channel is left to the caller's own end.
  }
}

function parseChange(message: string): { readonly origin: string; readonly change: StoreChange } | undefined {
  try {
    const [origin, change]: [string, StoreChange] = JSON.parse(message)
    return typeof origin === 'string' && typeof change?.kind === 'string' ? { origin, change } : undefined
  } catch {
    // Anybody may publish on any channel.
    return undefined
  }
}
