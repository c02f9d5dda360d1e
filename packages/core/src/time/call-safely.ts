// Calls functions of the caller's that only report something: whatever they do, the work that they report on goes on.

/**
 * Calls `report` and ignores what comes of it. A logger or a listener that throws must not fail what it was notified of,
 * and one that returns a promise that rejects must not end the process as an unhandled rejection; there is nobody else to
 * notify of either.
 *
 * @example
 * callSafely(() => logger?.warn({ store: 'sqlite' }, 'The file is readable by others.'))
 */
export function callSafely(report: () => unknown): void {
  try {
    const reported = report()
    if (typeof reported === 'object' && reported !== null) Promise.resolve(reported).catch(() => undefined)
  } catch {
    // Ignored on purpose, as above.
  }
}

/**
 * Calls a caller's `onProgress`, if there is one, and ignores what comes of it. Throws TypeError for one that is no
 * function.
 */
export function progressReporter<T>(onProgress: unknown): (progress: T) => void {
  if (onProgress !== undefined && typeof onProgress !== 'function') throw new TypeError('onProgress must be a function')
  return (progress) => callSafely(() => onProgress?.(progress))
}
