// Sharing: share, unshare and grants. Nobody gives more than they have.
import { includesLevel } from '../../access/index.ts'
import type { GrantInfo, SecretRef, StoredGrant, StoredSecret } from '../../contracts/index.ts'
import { VaultError } from '../../errors/index.ts'
import { audited, type Caller } from '../call.ts'
import type { ParsedShare } from '../parse/share.ts'
import { admit } from '../record/admit.ts'
import { commitPut } from '../record/commit.ts'
import { grantInfoOf } from '../record/describe.ts'
import { keptVersions } from '../record/seal-version.ts'

/** Gives or changes a permission. Undefined when the secret is absent. */
export function shareSecret(
  caller: Caller,
  { ref, share }: { readonly ref: SecretRef; readonly share: ParsedShare },
): Promise<GrantInfo | undefined> {
  const { grantee, permission, deploymentId, signal } = share
  return audited(caller, { operation: 'share', action: 'secret.shared', ref, signal }, async (call) => {
    call.facts.grantee = grantee
    const grant: StoredGrant = {
      principal: grantee,
      permission,
      grantedBy: call.principal.id,
      grantedAt: call.runtime.config.clock.now(),
      ...(deploymentId === undefined ? {} : { deploymentId }),
    }
    const written = await commitPut(call, ref, async () => {
      const loaded = await admit(call, {
        ref,
        operation: 'share',
        versions: 'current',
        onDecision({ level }) {
          // Giving more than one has is refused like any other attempt, and recorded under its own name.
          if (!includesLevel(level, permission)) call.action = 'access.escalation'
        },
      })
      if (loaded === undefined) return undefined
      const { record } = loaded
      const grants = withGrant(record, grant, call.runtime.config.limits.grants)
      return { previous: record, draft: { ...record, grants, versions: keptVersions(record) } }
    })
    return written === undefined ? undefined : grantInfoOf(grant)
  })
}

function withGrant({ grants, ref }: StoredSecret, grant: StoredGrant, limit: number): readonly StoredGrant[] {
  if (grant.principal === ref.owner) {
    throw new VaultError('VAULT_VALUE_INVALID', { detail: 'The owner needs no grant.', field: 'with' })
  }
  const others = grants.filter(({ principal }) => principal !== grant.principal)
  if (others.length >= limit) {
    throw new VaultError('VAULT_VALUE_INVALID', {
      detail: 'The secret has as many grants as the vault allows.',
      field: 'with',
    })
  }
  return [...others, grant].sort((a, b) => (a.principal < b.principal ? -1 : 1))
}

/** Takes a permission back. False when there was none, or no such secret. */
export function unshareSecret(
  caller: Caller,
  request: { readonly ref: SecretRef; readonly grantee: string; readonly signal: AbortSignal | undefined },
): Promise<boolean> {
  const { ref, grantee, signal } = request
  return audited(caller, { operation: 'unshare', action: 'secret.unshared', ref, signal }, async (call) => {
    call.facts.grantee = grantee
    const written = await commitPut(call, ref, async () => {
      const loaded = await admit(call, { ref, operation: 'unshare', versions: 'current', deleted: 'yes' })
      if (loaded === undefined) return undefined
      const { record } = loaded
      const grants = record.grants.filter(({ principal }) => principal !== grantee)
      if (grants.length === record.grants.length) {
        call.outcome = 'missing'
        return undefined
      }
      return { previous: record, draft: { ...record, grants, versions: keptVersions(record) } }
    })
    return written !== undefined
  })
}

/** The grants of a secret. Undefined when it is absent. */
export function listGrants(
  caller: Caller,
  { ref, signal }: { readonly ref: SecretRef; readonly signal: AbortSignal | undefined },
): Promise<readonly GrantInfo[] | undefined> {
  return audited(caller, { operation: 'grants', action: 'secret.listed', ref, signal }, async (call) => {
    const loaded = await admit(call, { ref, operation: 'grants', versions: 'current' })
    call.facts.count = loaded?.record.grants.length ?? 0
    return loaded?.record.grants.map(grantInfoOf)
  })
}
