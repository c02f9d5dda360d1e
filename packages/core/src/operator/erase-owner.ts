// eraseOwner: an owner's keys, secrets and permissions are destroyed; the audit trail stays.
import { pseudonymOf, type RedactionReport, redactUser } from '../audit/index.ts'
import type { StoredDataKey, StoredSecret } from '../contracts/index.ts'
import { type Call, type Outcome, withFacts } from '../vault/operation.ts'
import { commitRemoval } from '../vault/record/commit.ts'
import { auditScope } from '../vault/runtime.ts'
import { type ForgottenUser, forgetIn, isNamedIn } from './forget-user.ts'
import { dataKeyPages, secretPages } from './pages.ts'
import type { ParsedWork } from './work.ts'

export interface ErasureReport {
  readonly dataKeys: number
  readonly secrets: number
  /** Permissions on the secrets of others that were taken away. */
  readonly grants: number
  /** Secrets of others in which a pseudonym replaced the name of the owner, who had set a version or given a permission. */
  readonly renamed: number
  /**
   * Secrets of others that name the owner and cannot be trusted, left as they are: altered ones, and those whose key this
   * process cannot use.
   */
  readonly untrusted: number
  /** Audit events in which the owner's name was replaced. */
  readonly pseudonymised: number
  /** Audit events that do not verify, and are left as they are. */
  readonly refused: number
}

interface Erasure extends ParsedWork {
  readonly owner: string
  readonly trail: 'keep' | 'pseudonymise'
}

/**
 * Destroys the keys first, so that nothing of the owner's can be opened even if a later step fails. What is left to do is
 * read from the store alone, so that a new run goes on where one ended.
 */
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
  const pseudonym = trail === 'keep' ? undefined : await pseudonymFor(call, owner)
  const user = { name: owner, pseudonym }
  // The events of the erasure have the pseudonym from the start: they are written after others were redacted, too.
  const facts = { owner: pseudonym ?? owner }
  return withFacts(facts, async () => {
    let secrets = 0
    for await (const records of secretPages(call, { owner })) {
      for (const record of records) {
        if (await removeRecord({ ...call, facts }, record)) secrets++
        step()
      }
    }
    const found = await forgetElsewhere(call, user, step)
    const report = { dataKeys, secrets, ...found, pseudonymised: 0, refused: 0 }
    if (trail === 'keep') return { result: report, event: { ...facts, count: secrets } }
    const { redacted, refused } = await pseudonymise(call, owner, step)
    return { result: { ...report, pseudonymised: redacted, refused }, event: { ...facts, count: secrets } }
  })
}

async function pseudonymFor({ runtime, signal }: Call, user: string): Promise<string> {
  const root = (await runtime.keys.active(auditScope, { signal })).key
  return pseudonymOf({ root, vaultId: runtime.vaultId, user })
}

/** Takes the permissions away first, which a store finds at once; the name may stand in any secret. */
async function forgetElsewhere(
  call: Call,
  user: ForgottenUser,
  step: () => void,
): Promise<Pick<ErasureReport, 'grants' | 'renamed' | 'untrusted'>> {
  const counts = { unshared: 0, renamed: 0, untrusted: 0, unchanged: 0 }
  for await (const records of secretPages(call, { visibleTo: user.name })) {
    for (const record of records) {
      const done = await forgetIn(call, record, user)
      // Those that cannot be trusted are counted once: by the walk over all secrets when there is one.
      if (done !== 'untrusted' || user.pseudonym === undefined) counts[done]++
      step()
    }
  }
  if (user.pseudonym !== undefined) {
    for await (const records of secretPages(call, {})) {
      for (const record of records.filter((each) => isNamedIn(each, user.name))) {
        counts[await forgetIn(call, record, user)]++
        step()
      }
    }
  }
  return { grants: counts.unshared, renamed: counts.renamed, untrusted: counts.untrusted }
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
  if ('failure' in outcome) throw outcome.failure
  return outcome.result
}

/** Replaces a user's name in every event that has it. The chain still verifies, and proves that a vault did it. */
async function pseudonymise(call: Call, user: string, step: () => void): Promise<RedactionReport> {
  const { trail, store, keys, vaultId } = call.runtime
  const { signal } = call
  await trail?.flush()
  const root = (await keys.active(auditScope, { signal })).key
  return redactUser({ root, vaultId, store: store.audit, user, onRedacted: step, signal })
}
