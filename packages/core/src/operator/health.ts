// health: whether key, store, schema and trail work, each looked at by itself and within a limit.
import { guardStore } from '../contracts/index.ts'
import { isVaultError, type VaultErrorCode } from '../errors/index.ts'
import { createProviderCall } from '../keys/index.ts'
import { withDeadline } from '../time/index.ts'
import { type Caller, type CallRequest, callOf, eventOf, recordFailure } from '../vault/operation.ts'
import type { VaultConfig } from '../vault/options.ts'
import type { Asking } from '../vault/record/admit.ts'
import { auditScope, type Runtime } from '../vault/runtime.ts'
import { type HealthPart, ok, partOf } from './health-part.ts'

/** What `health` found. */
export interface VaultHealth {
  /** True when every part works. */
  readonly ok: boolean
  /** The key provider answers and opens a data key, and its keys are those that the vault knows. */
  readonly key: HealthPart
  /** The store answers. */
  readonly store: HealthPart
  /** The store has the schema of this release. Nobody knows while the store does not answer: it has the store's code then. */
  readonly schema: HealthPart
  /** The root of the trail opens, and an event was written just now. Always ok where auditing is off. */
  readonly trail: HealthPart
}

export interface HealthRequest extends CallRequest {
  /** Rejects when the principal may not ask. */
  admit(asking: Asking): Promise<void>
}

/** The runtime, or why there is none. */
type Opened = Tried<Runtime>

type Tried<T> = { readonly value: T } | { readonly error: unknown }

/** Looks at the parts at the same time, then has the trail record what was found. */
export async function checkHealth(caller: Caller, request: HealthRequest): Promise<VaultHealth> {
  const { holder, principal, context } = caller
  const { config, pending } = holder
  const { signal } = request
  const limited = <T>(work: () => T | PromiseLike<T>): Promise<Tried<T>> => tryWithin(config, signal, work)
  signal?.throwIfAborted()
  pending.enter()
  try {
    const opening = limited(() => holder.get())
    const admitted = await tried(() => request.admit({ principal, context, signal, runtime: { config } }))
    if ('error' in admitted) {
      const opened = await opening
      if ('value' in opened) await recordFailure(callOf(caller, request, opened.value), failed(admitted.error))
      throw admitted.error
    }
    const [opened, stored] = await Promise.all([opening, tried(() => readStore(config, signal))])
    if ('error' in opened && isVaultError(opened.error, 'VAULT_CLOSED')) throw opened.error
    const key = partOf(await limited(() => openKey(config, opened)), 'VAULT_KEY_UNAVAILABLE')
    const parts = { key, ...storeParts(stored) }
    const fault = Object.values(parts).find((part) => !part.ok)
    const trail = partOf(await limited(() => recordEvent({ caller, request, opened, fault })), 'VAULT_AUDIT_FAILED')
    signal?.throwIfAborted()
    return Object.freeze({ ok: fault === undefined && trail.ok, ...parts, trail })
  } finally {
    pending.leave()
  }
}

function failed(failure: unknown): { readonly failure: unknown; readonly event: object } {
  return { failure, event: {} }
}

async function tried<T>(work: () => T | PromiseLike<T>): Promise<Tried<T>> {
  try {
    return { value: await work() }
  } catch (error) {
    return { error }
  }
}

/** Each call has a limit of its own; this one holds for the few that one part of the vault needs. */
function tryWithin<T>(
  { clock, limits }: VaultConfig,
  signal: AbortSignal | undefined,
  work: () => T | PromiseLike<T>,
): Promise<Tried<T>> {
  const timeoutError = (): Error => new Error('The part did not answer in time.')
  return tried(() => withDeadline({ clock, limitMs: limits.storeMs + limits.keysMs, signal, timeoutError }, work))
}

async function readStore({ store, clock, limits }: VaultConfig, signal: AbortSignal | undefined): Promise<void> {
  await guardStore({ store, clock, limitMs: limits.storeMs }).meta.read('vault-id', { signal })
}

/** A store that says that its schema is missing has answered. */
function storeParts(stored: Tried<void>): Pick<VaultHealth, 'store' | 'schema'> {
  const schema = partOf(stored, 'VAULT_STORE_FAILED')
  const isAnswered = schema.ok || schema.code === 'VAULT_STORE_NOT_READY'
  return { store: isAnswered ? ok : schema, schema }
}

const notOfKeys: readonly VaultErrorCode[] = ['VAULT_STORE_FAILED', 'VAULT_STORE_NOT_READY', 'VAULT_AUDIT_FAILED']

/**
 * Opens the root key by the provider, not from the cache. A vault that has no keys yet has none: the provider is asked
 * for its current keys.
 */
async function openKey(config: VaultConfig, opened: Opened): Promise<void> {
  const isReached = 'error' in opened && notOfKeys.some((code) => isVaultError(opened.error, code))
  if ('error' in opened && !isReached) throw opened.error
  if ('value' in opened) {
    const { keys, store } = opened.value
    await keys.fingerprints.check()
    const root = await store.dataKeys.active(auditScope)
    if (root !== undefined) {
      await keys.wrapping.unwrapRow(root)
      return
    }
  }
  const { keys: provider, clock, limits } = config
  const call = createProviderCall({ provider, clock, limits: { unwraps: 1, callMs: limits.keysMs } })
  await call((options) => provider.currentKeyIds(options))
}

interface Finding {
  readonly caller: Caller
  readonly request: CallRequest
  readonly opened: Opened
  readonly fault: HealthPart | undefined
}

/** The event of this check is itself the proof that the trail can be written. */
async function recordEvent({ caller, request, opened, fault }: Finding): Promise<void> {
  const { mode } = caller.holder.config.audit
  if (mode === 'dangerously-off') return
  if ('error' in opened) throw opened.error
  const { trail } = opened.value
  const facts = fault === undefined || fault.ok ? {} : ({ outcome: 'failed', errorCode: fault.code } as const)
  await trail?.record(eventOf(callOf(caller, request, opened.value), facts), { signal: request.signal })
  // What is buffered counts only once it is written.
  if (mode === 'buffered') await trail?.flush()
}
