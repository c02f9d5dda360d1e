// Shares one piece of work among all who ask for the same thing at the same time.
import { untilAborted } from '../time/index.ts'

/** Work in flight, by name. */
export interface SingleFlight<T> {
  /**
   * Joins the work of this name, or begins it. A signal ends only its own caller's wait. Work asks `isCurrent` before
   * it caches anything, and only after its first await.
   */
  join(name: string, signal: AbortSignal | undefined, begin: (isCurrent: () => boolean) => Promise<T>): Promise<T>
  /** Marks the work of these names as not current, and lets nobody join it any more. */
  abandon(isChanged: (name: string) => boolean): void
}

export function singleFlight<T>(): SingleFlight<T> {
  const flights = new Map<string, Promise<T>>()

  function launch(name: string, begin: (isCurrent: () => boolean) => Promise<T>): Promise<T> {
    const isCurrent = (): boolean => flights.get(name) === flight
    const flight: Promise<T> = begin(isCurrent).finally(() => {
      if (isCurrent()) flights.delete(name)
    })
    flights.set(name, flight)
    return flight
  }

  return {
    join(name, signal, begin) {
      const flight = flights.get(name) ?? launch(name, begin)
      return signal === undefined ? flight : untilAborted(flight, signal)
    },
    abandon(isChanged) {
      for (const name of flights.keys()) if (isChanged(name)) flights.delete(name)
    },
  }
}
