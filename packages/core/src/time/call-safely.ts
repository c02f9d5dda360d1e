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
