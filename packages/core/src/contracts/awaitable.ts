// Values that may be there at once or later.

/**
 * A value or a promise of it. A store whose engine answers at once (a file, memory) returns plain values, and the
 * vault then needs neither a promise nor a timer.
 */
export type Awaitable<T> = T | PromiseLike<T>

/** What every call that may wait is given. */
export interface CallOptions {
  /** Ends the wait. The call rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
  /**
   * The principal whose request the call serves, for a store that shows each of them only its own rows. Absent when
   * the vault works for itself or for an operator.
   */
  readonly principal?: string | undefined
}
