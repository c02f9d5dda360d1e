// A sink that gives each batch of events to a function.
import { type AuditSink, type Awaitable, type CallOptions, ownOptions } from '../../contracts/index.ts'
import { decodeRow } from '../log/columns.ts'
import type { AuditRecord } from '../log/event.ts'

export interface CallbackSinkOptions {
  /** Names the sink in alarms. Default `callback`. */
  readonly id?: string
  /** True when a value may be released as soon as the function has resolved. Default false. */
  readonly durable?: boolean
}

/**
 * Calls `fn` with each batch of events. After a failure the same events come again, so `fn` must take repeats; they
 * have the same stream and sequence.
 */
export function callbackSink(
  fn: (events: readonly AuditRecord[], options: CallOptions) => Awaitable<void>,
  options: CallbackSinkOptions = {},
): AuditSink {
  const { id = 'callback', durable = false } = ownOptions(options)
  return { id, durable, write: (rows, callOptions) => fn(rows.map(decodeRow), callOptions) }
}
