// The canonical bytes of a stored secret: what its record seal is computed over.
import { compareUtf8 } from '../bytes/index.ts'
import type { StoredGrant, StoredSecret, StoredVersion } from '../contracts/index.ts'
import { VaultError } from '../errors/index.ts'
import { maxTextBytes, textField, u64Field, vaultIdField } from './fields.ts'

const stateCodes = { active: 1, inactive: 2, deleted: 3 } as const
const tierCodes = { 1: 1, 2: 2, 3: 3 } as const
const encodingCodes = { text: 1, bytes: 2, fields: 3 } as const
const versionStateCodes = { active: 1, pending: 2, retired: 3 } as const
const permissionCodes = { read: 1, write: 2, admin: 3 } as const
const refusal = 'VAULT_VALUE_INVALID'

/**
 * The canonical bytes of a record, of length-prefixed fields, so that no two records that differ share them. Grants are
 * put in the order of their principals' code points. They cover all that decides who may use which value, and until
 * when: also tags and description, since rules of policy read tags and people read descriptions, and each version's
 * commitment, so that an older envelope of the same version number cannot be put back. Counters of use, `lastUsedAt`,
 * `updatedAt`, the seal itself and the envelopes are outside.
 *
 * Throws `VAULT_VALUE_INVALID` for a record that has no encoding.
 */
export function encodeRecord(vaultId: Uint8Array, record: Omit<StoredSecret, 'mac'>): Buffer {
  const { ref, tags, expiresAt, managed, versions, grants } = record
  if (tags.length > 0xffff) throw unencodable()
  const to: Cursor = { bytes: Buffer.allocUnsafe(capacityFor(record)), at: 0 }
  putU8(to, 1)
  putBytes(to, vaultIdField(vaultId, refusal))
  putText(to, ref.owner)
  putText(to, ref.server)
  putText(to, ref.name)
  putText(to, record.id)
  putU64(to, record.revision)
  putU64(to, record.currentVersion)
  putCode(to, stateCodes[record.state])
  putText(to, record.type)
  putCode(to, tierCodes[record.tier])
  putOptionalText(to, record.description)
  to.at = to.bytes.writeUInt16BE(tags.length, to.at)
  for (const tag of tags) putText(to, tag)
  putU8(to, expiresAt === undefined ? 0 : 1)
  if (expiresAt !== undefined) putU64(to, expiresAt.getTime())
  putU64(to, record.createdAt.getTime())
  putText(to, record.dekId)
  putU32(to, managed.length)
  putBytes(to, managed)
  putU32(to, versions.length)
  for (const version of versions) putVersion(to, version)
  putU32(to, grants.length)
  for (const grant of inOrder(grants)) putGrant(to, grant)
  return to.bytes.subarray(0, to.at)
}

/** The maximum number of bytes that a record takes. */
function capacityFor(record: Omit<StoredSecret, 'mac'>): number {
  let size = 128 + record.managed.length + textCapacity(record.id) + textCapacity(record.type)
  size += textCapacity(record.ref.owner) + textCapacity(record.ref.server) + textCapacity(record.ref.name)
  size += textCapacity(record.description) + textCapacity(record.dekId)
  for (const tag of record.tags) size += textCapacity(tag)
  for (const version of record.versions) size += 64 + textCapacity(version.createdBy)
  for (const { principal, grantedBy, deploymentId } of record.grants) {
    size += 16 + textCapacity(principal) + textCapacity(grantedBy) + textCapacity(deploymentId)
  }
  return size
}

function putVersion(to: Cursor, version: StoredVersion): void {
  putU64(to, version.version)
  putCode(to, encodingCodes[version.encoding])
  putCode(to, versionStateCodes[version.state])
  putU64(to, version.createdAt.getTime())
  putText(to, version.createdBy)
  if (version.commitment.length !== 32) throw unencodable()
  putBytes(to, version.commitment)
}

function putGrant(to: Cursor, grant: StoredGrant): void {
  putText(to, grant.principal)
  putCode(to, permissionCodes[grant.permission])
  putText(to, grant.grantedBy)
  putU64(to, grant.grantedAt.getTime())
  putOptionalText(to, grant.deploymentId)
}

function putOptionalText(to: Cursor, text: string | undefined): void {
  putU8(to, text === undefined ? 0 : 1)
  if (text !== undefined) putText(to, text)
}

// A store may return any text here, also the name of an inherited property such as `constructor`.
function putCode(to: Cursor, code: unknown): void {
  if (typeof code !== 'number') throw unencodable()
  putU8(to, code)
}

function unencodable(): VaultError {
  return new VaultError(refusal, { detail: 'A field of the record is out of bounds.' })
}

function inOrder(grants: readonly StoredGrant[]): readonly StoredGrant[] {
  return grants.length < 2 ? grants : [...grants].sort((a, b) => compareUtf8(a.principal, b.principal))
}

/** Where the next field goes. */
interface Cursor {
  readonly bytes: Buffer
  at: number
}

/** The maximum number of bytes that `putText` writes for this text, if there is one. */
function textCapacity(text: string | undefined): number {
  return 2 + 3 * Math.min(text?.length ?? 0, maxTextBytes)
}

function putU8(to: Cursor, value: number): void {
  to.bytes[to.at++] = value
}

function putU32(to: Cursor, value: number): void {
  to.at = to.bytes.writeUInt32BE(value, to.at)
}

/** A non-negative safe integer as 8 bytes. */
function putU64(to: Cursor, value: number): void {
  putBytes(to, u64Field(value, refusal))
}

/** u16 length, then UTF-8. */
function putText(to: Cursor, text: string): void {
  putBytes(to, textField(text, refusal))
}

function putBytes(to: Cursor, value: Uint8Array): void {
  to.bytes.set(value, to.at)
  to.at += value.length
}
