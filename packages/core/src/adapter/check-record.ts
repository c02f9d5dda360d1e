// Looks at a record before its bytes are made: bytes of something else would be read back as a damaged record.
import { requireArray, requireBytes, requireDate, requireInteger, requireObject, requireText } from '../bytes/index.ts'
import type { StoredGrant, StoredSecret, StoredVersion } from '../contracts/index.ts'

export const states = ['active', 'inactive', 'deleted'] as const
export const tiers = [1, 2, 3] as const
export const encodings = ['text', 'bytes', 'fields'] as const
export const versionStates = ['active', 'pending', 'retired'] as const
export const permissions = ['read', 'write', 'admin'] as const

/** Throws TypeError, which names the field, for a record of plain JavaScript that is none. */
export function checkSecretRecord(record: StoredSecret): void {
  requireObject(record, 'record')
  requireText(record.id, 'record.id')
  requireInteger(record.revision, 'record.revision')
  requireInteger(record.currentVersion, 'record.currentVersion')
  requireOneOf(record.state, { field: 'record.state', choices: states })
  requireText(record.type, 'record.type')
  requireOneOf(record.tier, { field: 'record.tier', choices: tiers })
  requireDate(record.createdAt, 'record.createdAt')
  requireDate(record.updatedAt, 'record.updatedAt')
  requireText(record.dekId, 'record.dekId')
  requireBytes(record.mac, 'record.mac')
  requireBytes(record.managed, 'record.managed')
  requireArray(record.tags, 'record.tags')
  for (const tag of record.tags) requireText(tag, 'record.tags')
  requireArray(record.grants, 'record.grants')
  for (const grant of record.grants) checkGrant(grant)
  requireArray(record.versions, 'record.versions')
  for (const version of record.versions) checkVersion(version)
  if (record.description !== undefined) requireText(record.description, 'record.description')
  if (record.expiresAt !== undefined) requireDate(record.expiresAt, 'record.expiresAt')
}

function checkGrant(grant: StoredGrant): void {
  requireObject(grant, 'record.grants')
  requireText(grant.principal, 'record.grants.principal')
  requireOneOf(grant.permission, { field: 'record.grants.permission', choices: permissions })
  requireText(grant.grantedBy, 'record.grants.grantedBy')
  requireDate(grant.grantedAt, 'record.grants.grantedAt')
  if (grant.deploymentId !== undefined) requireText(grant.deploymentId, 'record.grants.deploymentId')
}

function checkVersion(version: StoredVersion): void {
  requireObject(version, 'record.versions')
  requireInteger(version.version, 'record.versions.version')
  requireOneOf(version.encoding, { field: 'record.versions.encoding', choices: encodings })
  requireOneOf(version.state, { field: 'record.versions.state', choices: versionStates })
  requireBytes(version.commitment, 'record.versions.commitment')
  requireDate(version.createdAt, 'record.versions.createdAt')
  requireText(version.createdBy, 'record.versions.createdBy')
}

function requireOneOf<T>(
  value: T,
  { field, choices }: { readonly field: string; readonly choices: readonly T[] },
): void {
  if (!choices.includes(value)) throw new TypeError(`${field} must be one of ${choices.join(', ')}`)
}
