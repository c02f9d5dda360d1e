// Changes by other processes, from the channel that their writes publish on.
import type { Clock, StoreChange } from '@mcpvault/core'
import { type ChangeMessages, callSafely, heartbeat } from '@mcpvault/core/adapter'
import type { RedisSubscriber } from './client.ts'

export interface WatchOptions {
  readonly subscriber: RedisSubscriber
  readonly channel: string
  readonly messages: ChangeMessages
  readonly clock: Clock
}

/** Listens until it is ended. The listener gets `everything` for what happened before the subscription. */
export function watchChannel(
  { subscriber, channel, messages, clock }: WatchOptions,
  onChange: (change: StoreChange) => void,
): () => void {
  const listener = (change: StoreChange): void => callSafely(() => onChange(change))
  let isEnded = false
  let subscribing: Promise<unknown> | undefined
  const onMessage = (from: string, message: string): void => {
    if (from !== channel || isEnded) return
    const change = messages.decode(message)
    if (change !== undefined) listener(change)
  }
  const notifyEverything = (): void => {
    if (!isEnded) listener({ kind: 'everything' })
  }
  // A repeated SUBSCRIBE changes nothing, and its reply comes after all messages before it. A client without a
  // connection queues commands, so there is one at a time.
  const subscribe = (): Promise<unknown> => {
    subscribing ??= subscriber.subscribe(channel).finally(() => {
      subscribing = undefined
    })
    return subscribing
  }
  // A client repeats its subscriptions by itself when it reconnects, but not one that failed.
  const onReady = (): void => {
    subscribe().then(notifyEverything, () => undefined)
  }
  subscriber.on('message', onMessage)
  subscriber.on('ready', onReady)
  onReady()
  const endHeartbeat = heartbeat({ clock, ask: subscribe, onSilence: notifyEverything })
  return () => {
    isEnded = true
    endHeartbeat()
    subscriber.off('message', onMessage)
    subscriber.off('ready', onReady)
    // Another store may listen on the same client, so the subscription stays.
  }
}
