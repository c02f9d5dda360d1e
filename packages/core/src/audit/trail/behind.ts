// Events that nobody waits for: they are chained when the running turn's own work is done.
import type { StampedEvent } from '../log/event.ts'

export interface BehindOptions {
  /** So many are chained at once rather than held. */
  readonly most: number
  chain(event: StampedEvent): void
  /** Told of an event that could not be chained. */
  onUnfit(): void
}

export interface Behind {
  add(events: readonly StampedEvent[]): void
  size(): number
  /** Chains everything now, before what has to follow it. */
  catchUp(): void
}

/**
 * Chaining an event takes as long as opening a small value. Behind the turn it fills the time in which the next call
 * waits for its store.
 */
export function chainBehind({ most, chain, onUnfit }: BehindOptions): Behind {
  let waiting: StampedEvent[] = []
  let isBooked = false

  const catchUp = (): void => {
    const events = waiting
    waiting = []
    for (const event of events) {
      try {
        chain(event)
      } catch {
        onUnfit()
      }
    }
  }

  return {
    catchUp,
    size: () => waiting.length,
    add(events) {
      waiting.push(...events)
      if (waiting.length >= most) return catchUp()
      if (isBooked) return
      isBooked = true
      setImmediate(() => {
        isBooked = false
        catchUp()
      })
    },
  }
}
