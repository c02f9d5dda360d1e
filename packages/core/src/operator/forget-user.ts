// Takes a user out of the secrets of others: its permissions, and its name where it set a version or gave a permission.
import type { StoredSecret } from '../contracts/index.ts'
import { isVaultError } from '../errors/index.ts'
import type { Call } from '../vault/operation.ts'
import { commitPut } from '../vault/record/commit.ts'
import { loadRecord } from '../vault/record/load.ts'
import { keptVersions } from '../vault/record/seal-version.ts'

/** Who is forgotten. */
export interface ForgottenUser {
  readonly name: string
  /** Replaces the name; undefined where it stays, and only permissions go. */
  readonly pseudonym: string | undefined
}

/** `untrusted`: the record was altered, or its key cannot be used here, so it was left as it is. */
export type Forgotten = 'unshared' | 'renamed' | 'unchanged' | 'untrusted'

/** Whether a user has a permission on a secret, set one of its versions, or gave one of its permissions. */
export function isNamedIn({ grants, versions }: Pick<StoredSecret, 'grants' | 'versions'>, name: string): boolean {
  return (
    grants.some(({ principal, grantedBy }) => principal === name || grantedBy === name) ||
    versions.some(({ createdBy }) => createdBy === name)
  )
}

/**
 * Takes a user out of one secret and seals it again; values stay as they are. Throws transient errors: what could not be
 * read now must not pass for forgotten.
 */
export async function forgetIn(call: Call, { ref, grants }: StoredSecret, user: ForgottenUser): Promise<Forgotten> {
  const { name, pseudonym } = user
  const isUnshared = grants.some(({ principal }) => principal === name)
  const action = isUnshared ? 'secret.unshared' : 'secret.updated'
  const facts = isUnshared ? { grantee: pseudonym ?? name } : undefined
  const one: Call = { ...call, action, ref, facts }
  const outcome = await commitPut<Forgotten>(one, {
    ref,
    result: () => (isUnshared ? 'unshared' : 'renamed'),
    async plan() {
      const loaded = await loadRecord(one, ref, 'current')
      if (loaded === undefined) return { result: 'unchanged', event: {} }
      if (loaded.kind === 'untrusted') {
        const isTransient = isVaultError(loaded.error) && loaded.error.retryable
        return isTransient ? { failure: loaded.error, event: {} } : { result: 'untrusted', event: {} }
      }
      const { record } = loaded
      const draft = withoutUser(record, user)
      return draft === record ? { result: 'unchanged', event: {} } : { previous: record, draft, event: {} }
    },
  })
  if ('failure' in outcome) throw outcome.failure
  return outcome.result
}

/** The same record when there is nothing to change. */
function withoutUser(record: StoredSecret, { name, pseudonym = name }: ForgottenUser): StoredSecret {
  const others = record.grants.filter(({ principal }) => principal !== name)
  if (others.length === record.grants.length && !(pseudonym !== name && isNamedIn(record, name))) return record
  const renamed = (other: string): string => (other === name ? pseudonym : other)
  return {
    ...record,
    grants: others.map((grant) => ({ ...grant, grantedBy: renamed(grant.grantedBy) })),
    versions: keptVersions(record).map((version) => ({ ...version, createdBy: renamed(version.createdBy) })),
  }
}
