// renew: a value that is fresh for a while. Of all callers in all processes, one at a time asks for the next value.
import { isVaultError, VaultError } from '../../errors/index.ts'
import { delay, keepProcess, untilAborted, withDeadline } from '../../time/index.ts'
import { audited, type Caller } from '../operation.ts'
import { type ParsedRenewal, parseRenewal, type RenewedValue } from '../parse/renew.ts'
import { acquireLock, type HeldLock } from '../record/held-lock.ts'
import type { SecretValue } from '../secret-value.ts'
import { type Look, look, type RenewRequest, type Stale } from './renew-look.ts'
import { markSignIn, storeRenewed } from './renew-store.ts'

/** What a function of `renew` is given beside the value. */
export interface RenewCall {
  /** Aborted when `deadlineMs` are over. */
  readonly signal: AbortSignal
  /** How long it may take, in ms: for as long, no other process asks. */
  readonly deadlineMs: number
}

/**
 * Gets the next value for a stale one, which is wiped when it has settled. To say that somebody must sign in again, throw
 * `VAULT_SIGN_IN_REQUIRED`; for a transient failure, `VAULT_RENEWAL_FAILED`.
 */
export type RenewFunction = (value: SecretValue, call: RenewCall) => RenewedValue | PromiseLike<RenewedValue>

interface Renewing extends RenewRequest {
  readonly refresh: RenewFunction
}

/** What one request may take, in ms, and how much longer than a request and a write the lock is held. */
const requestMs = 8_000
const slackMs = 2_000

/** The waits between looks, in ms, while another caller renews; then the last one again and again. */
const waitsMs = [50, 100, 200] as const

/** A value that is fresh for at least the margin; undefined when the secret is absent. */
export async function renewSecret(caller: Caller, renewing: Renewing): Promise<SecretValue | undefined> {
  const found = await look(caller, renewing, 'fresh')
  if (found.kind !== 'stale') return released(found)
  const release = keepProcess()
  try {
    return await untilRenewed(caller, renewing, found)
  } catch (error) {
    if (!isVaultError(error, 'VAULT_RENEWAL_FAILED')) throw error
    // The old value is better than none, for as long as it works.
    const lasting = await look(caller, renewing, 'lasting')
    if (lasting.kind === 'stale') throw error
    return released(lasting)
  } finally {
    release()
  }
}

function released(found: Exclude<Look, Stale>): SecretValue | undefined {
  return found.kind === 'fresh' ? found.value : undefined
}

async function untilRenewed(caller: Caller, renewing: Renewing, first: Stale): Promise<SecretValue | undefined> {
  const { signal, waitMs } = renewing.options
  const { clock } = caller.holder.config
  const { renewing: begun } = await caller.holder.get()
  const startedMs = clock.monotonicMs()
  let stale = first
  for (let count = 0; ; count++) {
    const leftMs = waitMs - (clock.monotonicMs() - startedMs)
    // At the first look there is always time to renew.
    if (count > 0 && leftMs <= 0) return fail(caller, renewing, tooBusy(renewing))
    const others = begun.get(stale.id)
    if (others === undefined) {
      const attempt = lockAndRenew(caller, renewing, { stale, waitMs: waitsMs[count] ?? waitsMs[2] })
      begun.set(
        stale.id,
        attempt.then(
          () => void begun.delete(stale.id),
          () => void begun.delete(stale.id),
        ),
      )
      const done = await abandonable(attempt, signal)
      if (done !== 'superseded') return done
    } else {
      await inTime(caller, renewing, { leftMs, work: others })
    }
    const found = await look(caller, renewing, 'fresh')
    if (found.kind !== 'stale') return released(found)
    stale = found
  }
}

/** Waits for another caller of this process. */
async function inTime(
  caller: Caller,
  renewing: Renewing,
  { leftMs, work }: { readonly leftMs: number; readonly work: Promise<void> },
): Promise<void> {
  const { clock } = caller.holder.config
  const { signal } = renewing.options
  const timeoutError = (): Error => tooBusy(renewing)
  try {
    await withDeadline({ clock, limitMs: leftMs, signal, timeoutError }, () => work)
  } catch (error) {
    await fail(caller, renewing, error)
  }
}

function tooBusy({ ref }: Renewing): VaultError {
  return new VaultError('VAULT_RENEWAL_FAILED', {
    ref,
    detail: 'Another caller was renewing it for longer than waitMs.',
  })
}

/** What came of a renewal, or the reason of the signal; the renewal then goes on, and its value is wiped. */
async function abandonable(attempt: Promise<Done>, signal: AbortSignal | undefined): Promise<Done> {
  try {
    return await untilAborted(attempt, signal)
  } catch (error) {
    attempt.then(
      (done) => typeof done === 'object' && done.dispose(),
      () => undefined,
    )
    throw error
  }
}

/** `superseded`: another process renews, the lock was lost, or another value is there now. */
type Done = SecretValue | undefined | 'superseded'

/** Renews if nobody else does; otherwise waits a little, for all callers of this process. */
async function lockAndRenew(
  caller: Caller,
  renewing: Renewing,
  { stale, waitMs }: { readonly stale: Stale; readonly waitMs: number },
): Promise<Done> {
  const lock = await takeLock(caller, renewing, stale)
  if (lock !== undefined) return renewUnder(lock, caller, renewing)
  await delay(caller.holder.config.clock, waitMs)
  return 'superseded'
}

/** Takes the lock of the secret; undefined when another caller has it. */
async function takeLock(caller: Caller, renewing: Renewing, { id }: Stale): Promise<HeldLock | undefined> {
  try {
    const { store, config } = await caller.holder.get()
    if (typeof config.store.locks.acquire !== 'function')
      throw new VaultError('VAULT_NOT_SUPPORTED', { detail: 'The store has no locks, which renew needs.' })
    const ttlMs = requestMs + config.limits.storeMs + slackMs
    return await acquireLock(store.locks, { clock: config.clock, name: `renew/${id}`, ttlMs })
  } catch (error) {
    return fail(caller, renewing, error)
  }
}

/**
 * Renews as the only caller. The signal of the caller does not reach it, and a vault that is being closed waits for it:
 * what has been asked for must be stored.
 */
async function renewUnder(lock: HeldLock, caller: Caller, renewing: Renewing): Promise<Done> {
  const { holder } = caller
  holder.pending.enter()
  try {
    const runtime = await holder.get()
    const own = { ...caller, holder: { ...holder, get: () => runtime } }
    return await renewOnce(lock, own, { ...renewing, options: { ...renewing.options, signal: undefined } })
  } catch (error) {
    if (isVaultError(error, 'VAULT_CONFLICT')) return 'superseded'
    throw error
  } finally {
    await lock.release()
    holder.pending.leave()
  }
}

async function renewOnce(lock: HeldLock, caller: Caller, renewing: Renewing): Promise<Done> {
  const { ref, options } = renewing
  // Somebody may have been first. The event of this read is durable before anything is asked for.
  const stale = await look(caller, renewing, 'any')
  if (!('version' in stale)) return released(stale)
  if (!('value' in stale)) return 'superseded'
  const { value } = stale
  try {
    const renewal = await ask(lock, caller, { ...renewing, value })
    if (renewal === 'lost') return 'superseded'
    return await storeRenewed(caller, { ref, options, stale, renewal })
  } catch (error) {
    if (isVaultError(error, 'VAULT_SIGN_IN_REQUIRED')) await marked(caller, { ref, options, stale })
    throw error
  } finally {
    value.dispose()
  }
}

async function marked(caller: Caller, request: RenewRequest & { readonly stale: Stale }): Promise<void> {
  try {
    await markSignIn(caller, request)
  } catch (error) {
    // Without the mark, the next caller asks in vain once more. That somebody must sign in is what this one has to know.
    if (isVaultError(error, 'VAULT_CONFLICT')) throw error
  }
}

/** Asks for the next value; `lost` when the lock was, and nothing was asked. */
async function ask(
  lock: HeldLock,
  caller: Caller,
  renewing: Renewing & { readonly value: SecretValue },
): Promise<ParsedRenewal | 'lost'> {
  const { ref, refresh, value } = renewing
  const { clock, limits } = caller.holder.config
  const timeoutError = (): Error => new VaultError('VAULT_RENEWAL_FAILED', { ref, detail: late })
  try {
    // The last look before the request: a process that was frozen until here has lost the lock.
    if (!(await lock.isHeldFor(requestMs + limits.storeMs))) return 'lost'
    const answer = await withDeadline({ clock, limitMs: requestMs, timeoutError }, ({ signal }) =>
      refresh(value, { signal, deadlineMs: requestMs }),
    )
    return parseRenewal(answer, limits.valueBytes)
  } catch (error) {
    // Marking the secret makes an event of its own.
    if (isVaultError(error, 'VAULT_SIGN_IN_REQUIRED')) throw new VaultError('VAULT_SIGN_IN_REQUIRED', { ref })
    return fail(caller, renewing, error)
  }
}

const late = 'No answer came in time: whether the old value was spent is unknown.'

/** Records that the renewal failed, and throws why. */
function fail(caller: Caller, { ref }: Renewing, error: unknown): Promise<never> {
  return audited<never>(caller, { operation: 'renew', action: 'secret.renewed', ref }, () => Promise.reject(error))
}
