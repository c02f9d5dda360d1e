// Opens a value that a caller is to use, as get, renew and validate do: admitted, in use, opened, and noted in its event.
import type { SecretRef, StoredSecret } from '../../contracts/index.ts'
import { VaultError } from '../../errors/index.ts'
import type { Call, Done, Outcome } from '../operation.ts'
import type { SecretValue } from '../secret-value.ts'
import { admit, type Granted, turnedAway } from './admit.ts'
import { openedEvents } from './canary.ts'
import { isExpired } from './describe.ts'
import { mayUseVersion } from './history.ts'
import { openVersion } from './open-version.ts'

/** Which value is to be used, and what becomes of it. */
export interface Use<T> {
  readonly ref: SecretRef
  /** A kept version; the current one when absent. */
  readonly version?: number | undefined
  /** The lowest version that may be current. */
  readonly minVersion?: number | undefined
  /** The result where there is no such value, as far as the principal may know. */
  readonly absent: T
  /** The result with the value, which is wiped when its event cannot be written. */
  take(value: SecretValue, record: StoredSecret): T
  /** Called before the value is opened: the outcome when it need not be. What it throws fails the use. */
  readonly instead?: ((secret: Granted) => Promise<Done<T> | undefined>) | undefined
}

/** Opens the value, if the principal may use it now. */
export async function openForUse<T>(call: Call, use: Use<T>): Promise<Outcome<T>> {
  const { ref, version, minVersion, absent } = use
  const admission = await admit(call, { ref, operation: 'get', versions: version ?? 'current' })
  if (admission.kind !== 'granted') return turnedAway(call, admission, { result: absent })
  const { record } = admission
  const wanted = version ?? record.currentVersion
  const facts = { ...admission.facts, version: wanted }
  try {
    if (minVersion !== undefined && record.currentVersion < minVersion)
      throw new VaultError('VAULT_ROLLBACK_SUSPECTED', { ref })
    checkUsable(call, record)
    const instead = use.instead && (await use.instead(admission))
    if (instead !== undefined) return instead
    const isServed = version === undefined || mayUseVersion(call, record, version)
    const opened = isServed ? await openVersion(call, admission, wanted) : undefined
    if (opened === undefined) return { result: absent, event: { ...facts, outcome: 'missing' } }
    const { value } = opened
    const event = openedEvents(call, record, { ...facts, ...opened.facts })
    return { result: use.take(value, record), event, discard: () => value.dispose() }
  } catch (failure) {
    return { failure, event: facts }
  }
}

/** Throws unless a value of the secret may be used now, in this call. */
export function checkUsable(call: Call, record: StoredSecret): void {
  const { clock, tiers } = call.runtime.config
  if (record.state === 'inactive') throw new VaultError('VAULT_INACTIVE', { ref: record.ref })
  if (isExpired(record, clock.now())) throw new VaultError('VAULT_EXPIRED', { ref: record.ref })
  if (tiers[record.tier]?.reasonRequired === true && call.context.reason === undefined) {
    throw new VaultError('VAULT_ACCESS_DENIED', {
      ref: record.ref,
      field: 'reason',
      detail: 'must be in the context: the tier of this secret asks for one.',
    })
  }
}
