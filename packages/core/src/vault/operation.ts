// Runs one operation and records its event, also when it fails; a value is returned only after its event is recorded.
import type {
  AuditAction,
  AuditEvent,
  AuditRow,
  CallContext,
  CallOptions,
  Principal,
  SecretRef,
} from '../contracts/index.ts'
import { isVaultError, VaultError } from '../errors/index.ts'
import type { Runtime, RuntimeHolder } from './runtime.ts'

/** Who asks, and in which call. */
export interface Caller {
  readonly holder: RuntimeHolder
  readonly principal: Principal
  readonly context: CallContext
}

/** What is asked. */
export interface CallRequest {
  /** The verb, as the caller wrote it. */
  readonly operation: string
  readonly action: AuditAction
  readonly ref?: Partial<SecretRef> | undefined
  readonly signal?: AbortSignal | undefined
  /** Facts of the event that are known before the operation runs. */
  readonly facts?: EventFacts
  /** Work on the whole vault, which no principal's view of the store may narrow. */
  readonly wholeVault?: true
}

/** An operation in progress. It never changes: what the operation finds out is in its outcome. */
export interface Call {
  readonly operation: string
  readonly action: AuditAction
  readonly ref: Partial<SecretRef> | undefined
  readonly signal: AbortSignal | undefined
  readonly facts: EventFacts | undefined
  readonly runtime: Runtime
  readonly principal: Principal
  readonly context: CallContext
  readonly startedMs: number
  /** The options of store calls that serve the request: its signal, and its principal unless the work is on the whole vault. */
  readonly serving: CallOptions
}

/** What an operation finds out for its event. The outcome is `allowed` unless it says otherwise. */
export type EventFacts = Partial<
  Omit<AuditEvent, 'operation' | 'principal' | 'roles' | 'durationMs' | keyof CallContext>
>

/** The outcome of an operation. */
export type Outcome<T> = Done<T> | Failed

export interface Done<T> {
  readonly result: T
  /** The facts of its event, or of several; `written` once they have landed together with a write. */
  readonly event: EventFacts | readonly EventFacts[] | 'written'
  /** Called when the event cannot be written: the result is not returned then, and any value in it must be wiped. */
  readonly discard?: () => void
}

/** An error on its way to the caller, with the facts of its event. */
export interface Failed {
  readonly failure: unknown
  readonly event: EventFacts
}

/** Runs one operation and records its event. Only then is the result returned or the error thrown. */
export async function audited<T>(
  caller: Caller,
  request: CallRequest,
  run: (call: Call) => Promise<Outcome<T>>,
): Promise<T> {
  request.signal?.throwIfAborted()
  const { holder } = caller
  holder.pending.enter()
  try {
    const call = callOf(caller, request, await holder.get())
    let outcome: Outcome<T>
    try {
      outcome = await run(call)
    } catch (failure) {
      outcome = { failure, event: {} }
    }
    if ('failure' in outcome) {
      await recordFailure(call, outcome)
      throw outcome.failure
    }
    await recordDone(call, outcome)
    return outcome.result
  } finally {
    holder.pending.leave()
  }
}

/** One operation in a runtime. */
export function callOf({ principal, context }: Caller, request: CallRequest, runtime: Runtime): Call {
  const { signal } = request
  // Field by field, since a spread here slows every read measurably.
  return {
    operation: request.operation,
    action: request.action,
    ref: request.ref,
    signal,
    facts: request.facts,
    runtime,
    principal,
    context,
    startedMs: runtime.config.clock.monotonicMs(),
    serving: { signal, principal: request.wholeVault ? undefined : principal.id },
  }
}

/** Runs a part of an operation. An error becomes the failure of the operation, with these facts for its event. */
export async function withFacts<T>(facts: EventFacts, work: () => Promise<T>): Promise<T | Failed> {
  try {
    return await work()
  } catch (failure) {
    return { failure, event: facts }
  }
}

/**
 * Does a write and records the event of its call with it: in one transaction where the store has them, else as an
 * intent before and an outcome after. False when the write did not apply; then there is no event of it.
 */
export async function recordWith(
  call: Call,
  facts: EventFacts,
  commit: (rows: readonly AuditRow[] | undefined) => Promise<boolean>,
): Promise<boolean> {
  const { trail } = call.runtime
  if (trail === undefined) return commit(undefined)
  return trail.recordWith({ event: eventOf(call, facts), commit, applied: (stored) => stored, signal: call.signal })
}

/** The outcome of the event of an error, and the error's code. */
export function failureFacts(error: unknown): EventFacts {
  if (!isVaultError(error)) return { outcome: 'failed' }
  return { outcome: error.code === 'VAULT_ACCESS_DENIED' ? 'denied' : 'failed', errorCode: error.code }
}

/** The error for a secret that the principal may know of, but not use like this. */
export function denied({ ref }: { readonly ref?: Partial<SecretRef> | undefined }, detail?: string): VaultError {
  return new VaultError('VAULT_ACCESS_DENIED', {
    ...(ref === undefined ? {} : { ref }),
    ...(detail === undefined ? {} : { detail }),
  })
}

async function recordDone(call: Call, { event, discard }: Done<unknown>): Promise<void> {
  const { trail, config } = call.runtime
  if (event !== 'written' && trail !== undefined) {
    const events = 'length' in event ? event.map((facts) => eventOf(call, facts)) : eventOf(call, event)
    try {
      await trail.record(events, { signal: call.signal })
    } catch (error) {
      discard?.()
      throw error
    }
  }
  const outcome = typeof event === 'object' && 'outcome' in event ? event.outcome : 'allowed'
  config.logger?.debug({ operation: call.operation, outcome }, 'Vault operation')
}

/**
 * Records the event of an operation that failed. Never rejects. Where the store has just failed, the caller does not wait
 * for it a second time: the event waits in the trail, which sends it when the store answers again.
 */
export async function recordFailure(call: Call, { failure, event }: Failed): Promise<void> {
  const { trail, config } = call.runtime
  const facts = failureFacts(failure)
  config.logger?.debug({ operation: call.operation, errorCode: facts.errorCode }, 'Vault operation failed')
  const recorded = trail?.record(eventOf(call, { ...event, ...facts })).catch(() => {
    // The caller gets the operation's own error, which says more than this one.
    config.logger?.warn({ operation: call.operation }, 'A failed operation could not be recorded.')
  })
  if (!isVaultError(failure, 'VAULT_STORE_FAILED') || !failure.retryable) await recorded
}

/** The whole event of a call. */
export function eventOf(call: Call, found: EventFacts): AuditEvent {
  const { action, operation, principal, ref, facts, context, runtime, startedMs } = call
  return {
    action,
    outcome: 'allowed',
    operation,
    principal: principal.id,
    ...(principal.roles === undefined ? {} : { roles: principal.roles }),
    ...ref,
    ...facts,
    ...found,
    ...context,
    durationMs: Math.round((runtime.config.clock.monotonicMs() - startedMs) * 1_000) / 1_000,
  }
}
