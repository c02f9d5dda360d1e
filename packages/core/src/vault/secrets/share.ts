// Sharing: share, unshare and grants. Nobody gives more than they have.
import { includesLevel } from '../../access/index.ts'
import type { GrantInfo, Permission, SecretRef, StoredGrant, StoredSecret } from '../../contracts/index.ts'
import { VaultError } from '../../errors/index.ts'
import { audited, type Caller, type Outcome, withFacts } from '../operation.ts'
import type { ParsedShare, ParsedUnshare } from '../parse/share.ts'
import { admit, type Refusal, turnedAway, withSecret } from '../record/admit.ts'
import { commitPut, type Put } from '../record/commit.ts'
import { grantInfoOf } from '../record/describe.ts'
import { keptVersions } from '../record/seal-version.ts'
import { checkUnchanged } from './changes.ts'

/** Gives or changes a permission. Undefined when the secret is absent. */
export function shareSecret(
  caller: Caller,
  { ref, share }: { readonly ref: SecretRef; readonly share: ParsedShare },
): Promise<GrantInfo | undefined> {
  const { grantee, permission, deploymentId, signal } = share
  const request = { operation: 'share', action: 'secret.shared', ref, signal, facts: { grantee } } as const
  return audited(caller, request, (call) => {
    const grant: StoredGrant = {
      principal: grantee,
      permission,
      grantedBy: call.principal.id,
      grantedAt: call.runtime.config.clock.now(),
      ...(deploymentId === undefined ? {} : { deploymentId }),
    }
    const plan = async (): Promise<Put | Outcome<GrantInfo | undefined>> => {
      const admission = await admit(call, { ref, operation: 'share', change: { grantee, given: grant } })
      if (admission.kind !== 'granted') return turnedAway(call, named(admission, permission), { result: undefined })
      const { record, facts } = admission
      return withFacts(facts, async () => {
        checkUnchanged(share, record)
        const grants = withGrant(record, grant, call.runtime.config.limits.grants)
        return { previous: record, draft: { ...record, grants, versions: keptVersions(record) }, event: facts }
      })
    }
    return commitPut(call, { ref, plan, result: () => grantInfoOf(grant) })
  })
}

/** An attempt to give more than one has is refused like any other, and recorded as `access.escalation`. */
function named(refusal: Refusal, permission: Permission): Refusal {
  if (!('level' in refusal) || includesLevel(refusal.level, permission)) return refusal
  return { ...refusal, facts: { ...refusal.facts, action: 'access.escalation' } }
}

function withGrant({ grants, ref }: StoredSecret, grant: StoredGrant, limit: number): readonly StoredGrant[] {
  if (grant.principal === ref.owner) {
    throw new VaultError('VAULT_VALUE_INVALID', { detail: 'must not be the owner, who needs no grant.', field: 'with' })
  }
  const others = grants.filter(({ principal }) => principal !== grant.principal)
  if (others.length >= limit) {
    throw new VaultError('VAULT_VALUE_INVALID', {
      detail: 'The secret already has as many grants as limits.grants allows.',
      field: 'with',
    })
  }
  return [...others, grant].sort((a, b) => (a.principal < b.principal ? -1 : 1))
}

/** Takes a permission back. False when there was none, or no such secret. */
export function unshareSecret(
  caller: Caller,
  { ref, unshare }: { readonly ref: SecretRef; readonly unshare: ParsedUnshare },
): Promise<boolean> {
  const { grantee, signal } = unshare
  const asked = { operation: 'unshare', action: 'secret.unshared', ref, signal, facts: { grantee } } as const
  return audited(caller, asked, (call) => {
    const change = { grantee, given: undefined }
    const question = { ref, operation: 'unshare', deleted: 'yes', change, absent: false } as const
    const plan = (): Promise<Put | Outcome<boolean>> =>
      withSecret(call, question, async ({ record, facts }) => {
        checkUnchanged(unshare, record)
        const grants = record.grants.filter(({ principal }) => principal !== grantee)
        if (grants.length === record.grants.length) return { result: false, event: { ...facts, outcome: 'missing' } }
        return { previous: record, draft: { ...record, grants, versions: keptVersions(record) }, event: facts }
      })
    return commitPut(call, { ref, plan, result: () => true })
  })
}

/** The grants of a secret. Undefined when it is absent. */
export function listGrants(
  caller: Caller,
  { ref, signal }: { readonly ref: SecretRef; readonly signal: AbortSignal | undefined },
): Promise<readonly GrantInfo[] | undefined> {
  return audited<readonly GrantInfo[] | undefined>(
    caller,
    { operation: 'grants', action: 'secret.listed', ref, signal },
    (call) =>
      withSecret(call, { ref, operation: 'grants', absent: undefined }, async ({ record, facts }) => ({
        result: record.grants.map(grantInfoOf),
        event: { ...facts, count: record.grants.length },
      })),
  )
}
