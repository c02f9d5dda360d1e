// eraseOwner: an owner's keys, secrets and permissions are destroyed; the audit trail stays.
import { pseudonymOf, type RedactionReport, redactUser } from '../audit/index.ts'
import type { StoredDataKey, StoredSecret } from '../contracts/index.ts'
import { type Call, signalOf } from '../vault/call.ts'
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

/** Destroys the keys first: from then on nothing of the owner's can be opened, whatever stops the rest. */
export async function eraseOwner(call: Call, { owner, trail, onProgress }: Erasure): Promise<ErasureReport> {
  let done = 0
  const step = (): void => onProgress?.({ done: ++done })
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
  const redaction = trail === 'pseudonymise' ? await pseudonymise(call, owner, step) : { redacted: 0, refused: 0 }
  call.facts.count = secrets
  return { dataKeys, secrets, grants, pseudonymised: redaction.redacted, refused: redaction.refused }
}

async function destroyKey(call: Call, { id, scope }: StoredDataKey): Promise<void> {
  try {
    await call.runtime.store.dataKeys.remove(id, scope, signalOf(call))
  } finally {
    // Also when the outcome is unknown: a cached key that is stored no more would seal values that nobody can open.
    call.runtime.keys.evict(id, scope)
  }
}

/** The record cannot be checked any more, and need not be: it is removed as it is. */
async function removeRecord(call: Call, record: StoredSecret): Promise<boolean> {
  const { ref } = record
  const one: Call = { ...call, action: 'secret.destroyed', ref, facts: {} }
  let known: StoredSecret | undefined = record
  return commitRemoval(one, ref, async () => {
    known ??= await call.runtime.store.secrets.find(ref, 'current', signalOf(call))
    const removal = known
    known = undefined
    return removal
  })
}

async function removeGrant(call: Call, { ref }: StoredSecret, principal: string): Promise<boolean> {
  const one: Call = { ...call, action: 'secret.unshared', ref, facts: { grantee: principal } }
  const written = await commitPut(one, ref, async () => {
    const loaded = await loadRecord(one, ref, 'current')
    if (!loaded?.trusted) return undefined
    const { record } = loaded
    const grants = record.grants.filter((grant) => grant.principal !== principal)
    if (grants.length === record.grants.length) return undefined
    return { previous: record, draft: { ...record, grants, versions: keptVersions(record) } }
  })
  return written !== undefined
}

/** Replaces a user's name in every event that has it. The chain still proves every event, and that a vault did it. */
async function pseudonymise(call: Call, user: string, step: () => void): Promise<RedactionReport> {
  const { trail, store, keys, vaultId } = call.runtime
  await trail?.flush()
  const root = (await keys.active(auditScope, signalOf(call))).key
  // The event of the erasure itself comes after, and must not name whom all the others no longer name.
  call.facts.owner = pseudonymOf({ root, vaultId, user })
  return redactUser({ root, vaultId, store: store.audit, user, onRedacted: step, ...signalOf(call) })
}
