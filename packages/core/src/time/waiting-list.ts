// Those who wait for one of a few things, first come first served: a place in a queue, a stream that is in use.
import { type Deadline, withDeadline } from './deadline.ts'

export interface WaitingList<T> {
  /** Resolves with the next thing that is given; rejects when the deadline or its signal ends the wait. */
  next(deadline: Deadline): Promise<T>
  /** Gives a thing to the one who waits longest. False when nobody does. */
  give(thing: T): boolean
}

/** An empty list. `takeBack` gets what was given to someone who stopped waiting in the same tick. */
export function waitingList<T>(takeBack: (thing: T) => void): WaitingList<T> {
  const waiting = new Set<(thing: T) => void>()

  const nextUntil = (signal: AbortSignal): Promise<T> =>
    new Promise((resolve) => {
      let given: { readonly thing: T } | undefined
      const grant = (thing: T): void => {
        given = { thing }
        resolve(thing)
      }
      waiting.add(grant)
      signal.addEventListener('abort', () => {
        waiting.delete(grant)
        if (given !== undefined) takeBack(given.thing)
      })
    })

  return {
    async next(deadline) {
      return await withDeadline(deadline, ({ signal }) => nextUntil(signal))
    },
    give(thing) {
      const [first] = waiting
      if (first === undefined) return false
      waiting.delete(first)
      first(thing)
      return true
    },
  }
}
