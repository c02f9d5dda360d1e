// eraseOwner: an owner's keys, secrets and permissions are destroyed; the audit trail stays.
import { pseudonymOf, type RedactionReport, redactUser } from '../audit/index.ts'
import type { StoredDataKey, StoredSecret } from '../contracts/index.ts'
import { type Call, type Failed, type Outcome, withFacts } from '../vault/operation.ts'
import { commitPut, commitRemoval } from '../vault/record/commit.ts'
import { loadRecord } from '../vault/record/load.ts'
import { keptVersions } from '../vault/record/seal-version.ts'
import { auditScope } from '../vault/runtime.ts'
import { dataKeyPages, secretPages } from './pages.ts'
import type { ParsedWork } from './work.ts'

export interface ErasureReport {
  readonly dataKeys: number
  readonly secrets: number
  /** Permissions on the secrets of others that were taken away. */
  readonly grants: number
  /** Audit events in which the owner's name was replaced. */
  readonly pseudonymised: number
  /** Audit events that do not verify, and are left as they are. */
  readonly refused: number
}

interface Erasure extends ParsedWork {
  readonly owner: string
  readonly trail: 'keep' | 'pseudonymise'
}

/** Destroys the keys first, so that nothing of the owner's can be opened even if a later step fails. */
export async function eraseOwner(call: Call, { owner, trail, onProgress }: Erasure): Promise<Outcome<ErasureReport>> {
  let steps = 0
  const step = (): void => onProgress?.({ done: ++steps })
  let dataKeys = 0
  for await (const rows of dataKeyPages(call, { owner })) {
    for (const row of rows) {
      await destroyKey(call, row)
      dataKeys++
      step()
    }
  }
  let secrets = 0
  for await (const records of secretPages(call, { owner })) {
    for (const record of records) {
      if (await removeRecord(call, record)) secrets++
      step()
    }
  }
  let grants = 0
  for await (const records of secretPages(call, { visibleTo: owner })) {
    for (const record of records) {
      if (await removeGrant(call, record, owner)) grants++
      step()
    }
  }
  const report = { dataKeys, secrets, grants, pseudonymised: 0, refused: 0 }
  if (trail === 'keep') return { result: report, event: { count: secrets } }
  const done = await pseudonymise(call, owner, step)
  if ('failure' in done) return done
  const { redacted, refused, pseudonym } = done
  return { result: { ...report, pseudonymised: redacted, refused }, event: { count: secrets, owner: pseudonym } }
}

async function destroyKey(call: Call, { id, scope }: StoredDataKey): Promise<void> {
  try {
    await call.runtime.store.dataKeys.remove(id, scope, { signal: call.signal })
  } finally {
    // Also when the outcome is unknown: a cached key that is no longer stored would seal values that nobody can open.
    call.runtime.keys.evict(id, scope)
  }
}

/** Removes a record without a check: its keys are destroyed, so its seal cannot be checked. */
async function removeRecord(call: Call, record: StoredSecret): Promise<boolean> {
  const { ref } = record
  const one: Call = { ...call, action: 'secret.destroyed', ref }
  let known: StoredSecret | undefined = record
  const outcome = await commitRemoval(one, {
    ref,
    async plan() {
      const found = known ?? (await call.runtime.store.secrets.find(ref, 'current', { signal: call.signal }))
      known = undefined
      return found === undefined
        ? { result: false, event: {} }
        : { ref, id: found.id, revision: found.revision, event: {} }
    },
  })
  return resultOf(outcome)
}

async function removeGrant(call: Call, { ref }: StoredSecret, principal: string): Promise<boolean> {
  const one: Call = { ...call, action: 'secret.unshared', ref, facts: { grantee: principal } }
  const outcome = await commitPut<boolean>(one, {
    ref,
    result: () => true,
    async plan() {
      const loaded = await loadRecord(one, ref, 'current')
      if (loaded?.kind !== 'trusted') return { result: false, event: {} }
      const { record } = loaded
      const grants = record.grants.filter((grant) => grant.principal !== principal)
      if (grants.length === record.grants.length) return { result: false, event: {} }
      return { previous: record, draft: { ...record, grants, versions: keptVersions(record) }, event: {} }
    },
  })
  return resultOf(outcome)
}

function resultOf<T>(outcome: Outcome<T>): T {
  if ('failure' in outcome) throw outcome.failure
  return outcome.result
}

/** Replaces a user's name in every event that has it. The chain still verifies, and proves that a vault did it. */
async function pseudonymise(
  call: Call,
  user: string,
  step: () => void,
): Promise<(RedactionReport & { readonly pseudonym: string }) | Failed> {
  const { trail, store, keys, vaultId } = call.runtime
  const { signal } = call
  await trail?.flush()
  const root = (await keys.active(auditScope, { signal })).key
  const pseudonym = pseudonymOf({ root, vaultId, user })
  // The event of the erasure is written afterwards, and must have the pseudonym too.
  return withFacts({ owner: pseudonym }, async () => {
    const report = await redactUser({ root, vaultId, store: store.audit, user, onRedacted: step, signal })
    return { ...report, pseudonym }
  })
}
