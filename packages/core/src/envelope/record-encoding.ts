// The canonical bytes of a stored secret: what its record seal is computed over.
import { compareUtf8 } from '../bytes/index.ts'
import type { StoredGrant, StoredSecret, StoredVersion } from '../contracts/index.ts'
import { VaultError } from '../errors/index.ts'
import { putVaultId } from './context.ts'
import { type Cursor, putBytes, putText, putU8, putU16, putU32, putU64, textCapacity } from './cursor.ts'

const stateCodes = { active: 1, inactive: 2, deleted: 3 } as const
const tierCodes = { 1: 1, 2: 2, 3: 3 } as const
const encodingCodes = { text: 1, bytes: 2, fields: 3 } as const
const versionStateCodes = { active: 1, pending: 2, retired: 3 } as const
const permissionCodes = { read: 1, write: 2, admin: 3 } as const

/**
 * The canonical bytes of a record, of length-prefixed fields, so that no two records that differ share them. Grants are
 * put in the order of their principals' code points. They cover all that decides who may use which value, and until
 * when: also tags and description, since rules of policy read tags and people read descriptions, and each version's
 * commitment, so that an older envelope of the same version number cannot be put back. Counters of use, `lastUsedAt`,
 * `updatedAt`, the seal itself and the envelopes are outside.
 *
 * Throws `VAULT_VALUE_INVALID` for a record that has no encoding.
 */
export function encodeRecord(vaultId: Uint8Array, record: StoredSecret): Buffer {
  const bytes = Buffer.allocUnsafe(recordCapacity(record))
  const cursor: Cursor = { bytes, at: 0, refusal: 'VAULT_VALUE_INVALID' }
  putRecord(cursor, { vaultId, record })
  return bytes.subarray(0, cursor.at)
}

/** The maximum number of bytes that `putRecord` writes. */
function recordCapacity(record: StoredSecret): number {
  let size = 128 + record.managed.length + textCapacity(record.id) + textCapacity(record.type)
  size += textCapacity(record.ref.owner) + textCapacity(record.ref.server) + textCapacity(record.ref.name)
  size += textCapacity(record.description ?? '') + textCapacity(record.dekId)
  for (const tag of record.tags) size += textCapacity(tag)
  for (const version of record.versions) size += 64 + textCapacity(version.createdBy)
  for (const { principal, grantedBy, deploymentId } of record.grants) {
    size += 16 + textCapacity(principal) + textCapacity(grantedBy) + textCapacity(deploymentId ?? '')
  }
  return size
}

function putRecord(
  cursor: Cursor,
  { vaultId, record }: { readonly vaultId: Uint8Array; readonly record: StoredSecret },
): void {
  putU8(cursor, 1)
  putVaultId(cursor, vaultId)
  putText(cursor, record.ref.owner)
  putText(cursor, record.ref.server)
  putText(cursor, record.ref.name)
  putText(cursor, record.id)
  putU64(cursor, record.revision)
  putU64(cursor, record.currentVersion)
  putCode(cursor, stateCodes[record.state])
  putText(cursor, record.type)
  putCode(cursor, tierCodes[record.tier])
  putOptionalText(cursor, record.description)
  putTags(cursor, record.tags)
  putU8(cursor, record.expiresAt === undefined ? 0 : 1)
  if (record.expiresAt !== undefined) putU64(cursor, record.expiresAt.getTime())
  putU64(cursor, record.createdAt.getTime())
  putText(cursor, record.dekId)
  putU32(cursor, record.managed.length)
  putBytes(cursor, record.managed)
  putU32(cursor, record.versions.length)
  for (const version of record.versions) putVersion(cursor, version)
  putU32(cursor, record.grants.length)
  for (const grant of inOrder(record.grants)) putGrant(cursor, grant)
}

function putTags(cursor: Cursor, tags: readonly string[]): void {
  if (tags.length > 0xffff) throw unencodable(cursor)
  putU16(cursor, tags.length)
  for (const tag of tags) putText(cursor, tag)
}

function putVersion(cursor: Cursor, version: StoredVersion): void {
  putU64(cursor, version.version)
  putCode(cursor, encodingCodes[version.encoding])
  putCode(cursor, versionStateCodes[version.state])
  putU64(cursor, version.createdAt.getTime())
  putText(cursor, version.createdBy)
  if (version.commitment.length !== 32) throw unencodable(cursor)
  putBytes(cursor, version.commitment)
}

function putGrant(cursor: Cursor, grant: StoredGrant): void {
  putText(cursor, grant.principal)
  putCode(cursor, permissionCodes[grant.permission])
  putText(cursor, grant.grantedBy)
  putU64(cursor, grant.grantedAt.getTime())
  putOptionalText(cursor, grant.deploymentId)
}

function putOptionalText(cursor: Cursor, text: string | undefined): void {
  putU8(cursor, text === undefined ? 0 : 1)
  if (text !== undefined) putText(cursor, text)
}

// A store may return any text here, also the name of an inherited property such as `constructor`.
function putCode(cursor: Cursor, code: unknown): void {
  if (typeof code !== 'number') throw unencodable(cursor)
  putU8(cursor, code)
}

function unencodable(cursor: Cursor): VaultError {
  return new VaultError(cursor.refusal, { detail: 'A field of the record is out of bounds.' })
}

function inOrder(grants: readonly StoredGrant[]): readonly StoredGrant[] {
  return grants.length < 2 ? grants : [...grants].sort((a, b) => compareUtf8(a.principal, b.principal))
}
