// Turns stored records into what callers see: never a value.
import type { GrantInfo, SecretInfo, StoredGrant, StoredSecret, VersionInfo } from '../../contracts/index.ts'
import { managedFacts } from './managed.ts'

/** A secret without its value. */
export function infoOf(record: StoredSecret, now: Date): SecretInfo {
  const { ref, state, versions, currentVersion } = record
  const expired = isExpired(record, now)
  const { hosts, freshness, needsSignIn } = managedFacts(record)
  return Object.freeze({
    id: record.id,
    owner: ref.owner,
    server: ref.server,
    name: ref.name,
    type: record.type,
    tier: record.tier,
    description: record.description,
    tags: Object.freeze([...record.tags]),
    state: state === 'active' && expired ? 'expired' : state,
    isActive: state === 'active' && !expired,
    encoding: versions.find(({ version }) => version === currentVersion)?.encoding ?? 'text',
    version: currentVersion,
    revision: record.revision,
    expiresAt: record.expiresAt,
    hosts: hosts && Object.freeze(hosts),
    freshUntil: freshness?.until,
    needsSignIn,
    createdAt: record.createdAt,
    updatedAt: record.updatedAt,
    lastUsedAt: record.lastUsedAt,
    useCount: record.useCount,
  })
}

/** Whether the expiry of a record has come. */
export function isExpired({ expiresAt }: Pick<StoredSecret, 'expiresAt'>, now: Date): boolean {
  return expiresAt !== undefined && expiresAt.getTime() <= now.getTime()
}

/** The kept versions, newest first. */
export function historyOf({ versions, currentVersion }: StoredSecret): readonly VersionInfo[] {
  return versions
    .map(({ version, encoding, state, createdAt, createdBy }) =>
      Object.freeze({ version, encoding, state, isCurrent: version === currentVersion, createdAt, createdBy }),
    )
    .reverse()
}

export function grantInfoOf({ principal, permission, grantedBy, grantedAt, deploymentId }: StoredGrant): GrantInfo {
  return Object.freeze({ principal, permission, grantedBy, grantedAt, deploymentId })
}
