// Stores what a renewal came to: the next value, or the mark that somebody has to sign in again.
import { copyBytes } from '../../bytes/index.ts'
import { isVaultError, VaultError } from '../../errors/index.ts'
import { backOffMs, delay } from '../../time/index.ts'
import { audited, type Call, type Caller, type Failed, type Outcome } from '../operation.ts'
import type { ParsedRenewal } from '../parse/renew.ts'
import { admit, type Granted, turnedAway } from '../record/admit.ts'
import { commitPut, type Put } from '../record/commit.ts'
import { repeatsValue } from '../record/description.ts'
import { withManaged } from '../record/managed.ts'
import { keptVersions, nextVersion, sealVersion, wipingAfter, withVersion } from '../record/seal-version.ts'
import { MaskedValue, type SecretValue } from '../secret-value.ts'
import type { RenewRequest, Stale } from './renew-look.ts'

/**
 * Stores the next value as long as the one that was renewed is current, and returns it. Throws `VAULT_CONFLICT` when it
 * is not: a value that somebody else has stored stays. What the old value was is spent by now, so a store that fails is asked
 * again for `limits.writeMs`.
 */
export async function storeRenewed(
  caller: Caller,
  request: RenewRequest & { readonly stale: Stale; readonly renewal: ParsedRenewal },
): Promise<SecretValue> {
  const { value } = request.renewal
  const { clock, limits } = caller.holder.config
  const startedMs = clock.monotonicMs()
  return wipingAfter(value, async () => {
    for (let count = 1; ; count++) {
      try {
        const version = await storeOnce(caller, request)
        return new MaskedValue({ plaintext: copyBytes(value.plaintext), encoding: value.encoding, version })
      } catch (error) {
        const isOver = clock.monotonicMs() - startedMs >= limits.writeMs
        if (isOver || !isVaultError(error) || !error.retryable || error.code === 'VAULT_CONFLICT') throw error
      }
      await delay(clock, backOffMs(count, { maxMs: 500 }))
    }
  })
}

/** The number of the version that was stored. */
function storeOnce(
  caller: Caller,
  { ref, stale, renewal }: RenewRequest & { readonly stale: Stale; readonly renewal: ParsedRenewal },
): Promise<number> {
  const { value, freshUntil } = renewal
  return audited(caller, { operation: 'renew', action: 'secret.renewed', ref }, (call) =>
    commitPut(call, {
      ref,
      result: ({ currentVersion }) => currentVersion,
      plan: () =>
        whileCurrent<number>(call, { ref, stale }, async ({ record, facts }) => {
          const currentVersion = nextVersion(record)
          const sealed = await sealVersion(call, { ref, version: currentVersion, value })
          const versions = withVersion(record, sealed.version, call.runtime.config.limits.versions)
          const next = { ...record, currentVersion, versions }
          const managed = withManaged(next, { freshness: { until: freshUntil } })
          const { description, ...undescribed } = next
          // To refuse it here, as `set` does, would lose the value.
          const kept = repeatsValue(description, value) ? undescribed : next
          return { previous: record, draft: { ...kept, managed }, event: { ...facts, ...sealed.facts } }
        }),
    }),
  )
}

/** Marks the version that was to be renewed. Throws `VAULT_CONFLICT` when it is not the current one any more. */
export function markSignIn(caller: Caller, { ref, stale }: RenewRequest & { readonly stale: Stale }): Promise<void> {
  return audited(caller, { operation: 'renew', action: 'secret.needs-sign-in', ref }, (call) =>
    commitPut<void>(call, {
      ref,
      result: () => undefined,
      plan: () =>
        whileCurrent<void>(call, { ref, stale }, async ({ record, facts }) => {
          const managed = withManaged(record, { needsSignIn: true })
          return { previous: record, draft: { ...record, managed, versions: keptVersions(record) }, event: facts }
        }),
    }),
  )
}

async function whileCurrent<T>(
  call: Call,
  { ref, stale }: Pick<RenewRequest, 'ref'> & { readonly stale: Stale },
  put: (secret: Granted) => Promise<Put>,
): Promise<Put | Outcome<T> | Failed> {
  const conflict = new VaultError('VAULT_CONFLICT', { ref })
  const admission = await admit(call, { ref, operation: 'set' })
  if (admission.kind !== 'granted') return turnedAway(call, admission, { failure: conflict })
  const { record, facts } = admission
  const isCurrent = record.id === stale.id && record.currentVersion === stale.version
  return isCurrent ? put(admission) : { failure: conflict, event: facts }
}
