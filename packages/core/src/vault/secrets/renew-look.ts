// Looks at a secret that may have to be renewed: its value while that is fresh, else what renewing has to know.
import type { SecretRef, StoredSecret } from '../../contracts/index.ts'
import { VaultError } from '../../errors/index.ts'
import { audited, type Call, type Caller, denied } from '../operation.ts'
import type { ParsedRenew } from '../parse/renew.ts'
import { admit, decideFor, factsOf, type Granted, turnedAway } from '../record/admit.ts'
import { openedEvents } from '../record/canary.ts'
import { managedFacts } from '../record/managed.ts'
import { openVersion } from '../record/open-version.ts'
import type { SecretValue } from '../secret-value.ts'
import { checkUsable } from './read.ts'

/** A secret to keep fresh. */
export interface RenewRequest {
  readonly ref: SecretRef
  readonly options: ParsedRenew
}

/** What is to be renewed: no other secret of the name, and no other version. */
export interface Stale {
  readonly kind: 'stale'
  readonly id: string
  readonly version: number
}

export type Look =
  | { readonly kind: 'absent' }
  | { readonly kind: 'fresh'; readonly value: SecretValue }
  | Stale
  | (Stale & { readonly value: SecretValue })

/**
 * `fresh`: a value that is fresh for the margin is returned, and of a stale one only its version, without an event.
 * `lasting`: also one that still works. `any`: a stale one is returned too, to renew it.
 */
type Wanted = 'fresh' | 'lasting' | 'any'

/**
 * Looks once. Only a principal that may store the next value learns of a stale one: with `read` alone, a renewal would spend what
 * it cannot replace. Throws `VAULT_SIGN_IN_REQUIRED` for a stale value that can be renewed no more.
 */
export function look(caller: Caller, { ref, options }: RenewRequest, wanted: Wanted): Promise<Look> {
  const { signal } = options
  return audited<Look>(caller, { operation: 'renew', action: 'secret.accessed', ref, signal }, async (call) => {
    const admission = await admit(call, { ref, operation: 'get' })
    if (admission.kind !== 'granted') return turnedAway(call, admission, { result: absent })
    const { record, facts } = admission
    try {
      checkUsable(call, record)
      if (
        isFresh(call, record, options) ||
        (wanted === 'lasting' && isFresh(call, record, { ...options, marginMs: 1 }))
      )
        return await opened(call, admission, (value) => ({ kind: 'fresh', value }))
      if (managedFacts(record).needsSignIn) throw new VaultError('VAULT_SIGN_IN_REQUIRED', { ref })
      const question = { operation: 'set', secret: factsOf(record), grants: record.grants } as const
      if (!(await decideFor(call, question)).allowed) throw denied(call, 'Renewing takes the permission write.')
      const stale = { kind: 'stale', id: record.id, version: record.currentVersion } as const
      if (wanted === 'any') return await opened(call, admission, (value) => ({ ...stale, value }))
      // The events of this call are written by what it ends with.
      return { result: stale, event: [] }
    } catch (failure) {
      return { failure, event: { ...facts, version: record.currentVersion } }
    }
  })
}

const absent = { kind: 'absent' } as const

async function opened(
  call: Call,
  secret: Granted,
  lookOf: (value: SecretValue) => Look,
): Promise<{ result: Look; event: object; discard: () => void }> {
  const { record, facts } = secret
  const version = await openVersion(call, secret, record.currentVersion)
  // The current version is always kept, and never pending.
  if (version === undefined) throw new VaultError('VAULT_OPEN_FAILED', { ref: record.ref })
  call.runtime.uses.add(record)
  const { value } = version
  const event = openedEvents(call, record, { ...facts, ...version.facts, version: record.currentVersion })
  return { result: lookOf(value), event, discard: () => value.dispose() }
}

function isFresh({ runtime }: Call, record: StoredSecret, { marginMs, refusedVersion }: ParsedRenew): boolean {
  const { freshness } = managedFacts(record)
  if (freshness === undefined || record.currentVersion === refusedVersion) return false
  if (freshness.until === undefined) return true
  const untilMs = freshness.until.getTime()
  const storedMs = record.versions.find(({ version }) => version === record.currentVersion)?.createdAt.getTime()
  // A value that is good for less than the margin would otherwise be renewed at every call.
  const halfMs = (untilMs - (storedMs ?? untilMs)) / 2
  return untilMs - runtime.config.clock.now().getTime() >= Math.max(1, Math.min(marginMs, halfMs))
}
