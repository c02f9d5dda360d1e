// The caller's logger, as a store uses it.
import { callSafely } from '../time/index.ts'

/** What a store is given for its warnings. */
export interface StoreLogger {
  warn(fields: Readonly<Record<string, unknown>>, message: string): void
}

/**
 * A logger whose errors and rejections are ignored, so that a warning neither fails the call that it is about nor ends
 * the process. Undefined for none.
 *
 * @example
 * const logger = safeLogger(options.logger)
 * logger?.warn({ store: 'redis' }, 'The connection to the database is not encrypted.')
 */
export function safeLogger(logger: StoreLogger): StoreLogger
export function safeLogger(logger: StoreLogger | undefined): StoreLogger | undefined
export function safeLogger(logger: StoreLogger | undefined): StoreLogger | undefined {
  return logger && { warn: (fields, message) => callSafely(() => logger.warn(fields, message)) }
}
