// One piece of work for all who ask for the same thing at the same time.

/** Work in flight, by name. */
export interface SingleFlight<T> {
  /** Joins the work of this name, or begins it. A signal ends only its own caller's wait. */
  join(name: string, signal: AbortSignal | undefined, begin: () => Promise<T>): Promise<T>
}

export function singleFlight<T>(): SingleFlight<T> {
  const flights = new Map<string, Promise<T>>()
  return {
    join(name, signal, begin) {
      let flight = flights.get(name)
      if (flight === undefined) {
        flight = begin().finally(() => flights.delete(name))
        flights.set(name, flight)
      }
      return signal === undefined ? flight : untilAborted(flight, signal)
    },
  }
}

function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason)
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
