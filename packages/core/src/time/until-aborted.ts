// Waiting for work that cannot be cancelled, such as a driver's call that takes no signal.

/**
 * The result of `work`, or the signal's reason as soon as it is aborted; the work then goes on and its result is ignored.
 *
 * @example
 * const answer = await untilAborted(client.query('SELECT 1'), AbortSignal.timeout(1_000))
 */
export function untilAborted<T>(work: PromiseLike<T>, signal: AbortSignal | undefined): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal === undefined) {
      work.then(resolve, reject)
      return
    }
    const onAbort = (): void => reject(signal.reason)
    const stopListening = (): void => signal.removeEventListener('abort', onAbort)
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
    work.then(
      (value) => {
        stopListening()
        resolve(value)
      },
      (error: unknown) => {
        stopListening()
        reject(error)
      },
    )
  })
}
