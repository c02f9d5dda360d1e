// Looks at a secret that may have to be renewed: its value while that is fresh, else what renewing has to know.
import type { SecretRef, StoredSecret } from '../../contracts/index.ts'
import { VaultError } from '../../errors/index.ts'
import { audited, type Call, type Caller, denied } from '../operation.ts'
import type { ParsedRenew } from '../parse/renew.ts'
import { decideFor, factsOf } from '../record/admit.ts'
import { managedFacts } from '../record/managed.ts'
import { openForUse } from '../record/open-for-use.ts'
import type { SecretValue } from '../secret-value.ts'

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
  return audited(caller, { operation: 'renew', action: 'secret.accessed', ref, signal }, (call) => {
    let fresh = false
    return openForUse<Look>(call, {
      ref,
      absent: { kind: 'absent' },
      async instead({ record }) {
        fresh =
          isFresh(call, record, options) || (wanted === 'lasting' && isFresh(call, record, { ...options, marginMs: 1 }))
        if (fresh) return undefined
        await checkRenewable(call, record)
        // The events of a call that only looked are written by what it ends with.
        return wanted === 'any' ? undefined : { result: staleOf(record), event: [] }
      },
      take(value, record) {
        call.runtime.uses.add(record)
        return fresh ? { kind: 'fresh', value } : { ...staleOf(record), value }
      },
    })
  })
}

async function checkRenewable(call: Call, record: StoredSecret): Promise<void> {
  const { ref, grants } = record
  if (managedFacts(record).needsSignIn) throw new VaultError('VAULT_SIGN_IN_REQUIRED', { ref })
  const { allowed } = await decideFor(call, { operation: 'set', secret: factsOf(record), grants })
  if (!allowed) throw denied(call, 'Renewing takes the permission write.')
}

function staleOf({ id, currentVersion }: StoredSecret): Stale {
  return { kind: 'stale', id, version: currentVersion }
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
