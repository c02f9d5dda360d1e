// The end of a call that nobody waits for any more: told to listeners, with a signal only where one is asked for.

/** Whatever may carry a signal, such as the options of a store's call. */
export interface Abortable {
  readonly signal?: AbortSignal
}

interface AbortState {
  controller: AbortController | undefined
  listeners: Set<(reason: unknown) => void> | undefined
  /** Present once aborted. */
  end: { readonly reason: unknown } | undefined
}

const state: unique symbol = Symbol('abort state')

/** Options whose signal is made when it is read: a signal takes longer than all else that a call under a limit needs. */
export interface LazyAbortable {
  /** Made when somebody listens, since most engines answer at once. */
  readonly [state]: AbortState | undefined
  readonly signal: AbortSignal
}

// A prototype, since an accessor in an object literal is made anew with each call.
const prototype: LazyAbortable = {
  [state]: undefined,
  get signal() {
    return signalOf(stateOf(this))
  },
}

/** Options that `abort` aborts. */
export function lazyAbortable(): LazyAbortable {
  return Object.create(prototype)
}

/** A copy of `options` that is aborted together with `source`. */
export function abortedWith<T extends object>(options: T, source: LazyAbortable): T & LazyAbortable {
  const own = { ...options }
  Object.defineProperty(own, 'signal', { get: () => source.signal, enumerable: true })
  return withState(own, stateOf(source))
}

function stateOf(call: LazyAbortable): AbortState {
  const known = call[state]
  if (known !== undefined) return known
  const begun = { controller: undefined, listeners: undefined, end: undefined }
  withState(call, begun)
  return begun
}

// Not enumerable: options that are spread with another signal must obey that one.
function withState<T extends object>(options: T, value: AbortState): T & LazyAbortable {
  // The state makes them so; `signal` is there already.
  return Object.defineProperty(options, state, { value }) as T & LazyAbortable
}

function signalOf(call: AbortState): AbortSignal {
  if (call.controller === undefined) {
    call.controller = new AbortController()
    if (call.end !== undefined) call.controller.abort(call.end.reason)
  }
  return call.controller.signal
}

/** Ends a call, once. */
export function abort(options: LazyAbortable, reason: unknown): void {
  const call = stateOf(options)
  if (call.end !== undefined) return
  call.end = { reason }
  call.controller?.abort(reason)
  for (const listener of call.listeners ?? []) listener(reason)
}

/**
 * Calls `listener` with the reason once the call of these options is aborted, at once when it is already. Returns the
 * function that ends the listening. What the vault gives to its store makes a signal only when `signal` is read; this
 * does not read it.
 *
 * @example
 * const leave = onAborted(options, () => request.destroy())
 * try {
 *   return await request.answer()
 * } finally {
 *   leave()
 * }
 */
export function onAborted(options: Abortable | undefined, listener: (reason: unknown) => void): () => void {
  if (options === undefined) return nothing
  if (isLazy(options)) return listen(stateOf(options), listener)
  const { signal } = options
  if (signal === undefined) return nothing
  const tell = (): void => listener(signal.reason)
  if (signal.aborted) {
    tell()
    return nothing
  }
  signal.addEventListener('abort', tell, { once: true })
  return () => signal.removeEventListener('abort', tell)
}

/** Whether the call of these options is aborted. */
export function isAborted(options: Abortable | undefined): boolean {
  if (options === undefined) return false
  return isLazy(options) ? options[state]?.end !== undefined : options.signal?.aborted === true
}

function isLazy(options: Abortable): options is LazyAbortable {
  return state in options
}

function listen(call: AbortState, listener: (reason: unknown) => void): () => void {
  if (call.end !== undefined) {
    listener(call.end.reason)
    return nothing
  }
  call.listeners ??= new Set()
  call.listeners.add(listener)
  return () => void call.listeners?.delete(listener)
}

function nothing(): void {}

/**
 * The result of work that cannot be called off: when the call of the options is aborted, the wait ends with the reason,
 * and the work goes on unheard. For drivers that take no signal.
 */
export function untilAborted<T>(work: Promise<T>, options: Abortable | undefined): Promise<T> {
  return new Promise((resolve, reject) => {
    const leave = onAborted(options, reject)
    work.then(
      (value) => {
        leave()
        resolve(value)
      },
      (error: unknown) => {
        leave()
        reject(error)
      },
    )
  })
}
