// The canonical bytes of a stored secret: what its record seal is computed over.
import { compareUtf8 } from '../bytes/index.ts'
import type { StoredGrant, StoredSecret, StoredVersion } from '../contracts/index.ts'
import { VaultError } from '../errors/index.ts'
import {
  type Encoding,
  encoded,
  putBytes,
  putText,
  putU8,
  putU16,
  putU32,
  putU64,
  putVaultId,
  startEncoding,
} from './fields.ts'

const stateCodes = { active: 1, inactive: 2, deleted: 3 } as const
const tierCodes = { 1: 1, 2: 2, 3: 3 } as const
const encodingCodes = { text: 1, bytes: 2, fields: 3 } as const
const versionStateCodes = { active: 1, pending: 2, retired: 3 } as const
const permissionCodes = { read: 1, write: 2, admin: 3 } as const
const refusal = 'VAULT_VALUE_INVALID'
/** Of a record with ten versions and names of the usual length. */
const expectedBytes = 1_536

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
  const to = startEncoding(refusal, expectedBytes)
  putU8(to, 1)
  putVaultId(to, vaultId)
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
  putU16(to, tags.length)
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
  return encoded(to)
}

function putVersion(to: Encoding, version: StoredVersion): void {
  putU64(to, version.version)
  putCode(to, encodingCodes[version.encoding])
  putCode(to, versionStateCodes[version.state])
  putU64(to, version.createdAt.getTime())
  putText(to, version.createdBy)
  if (version.commitment.length !== 32) throw unencodable()
  putBytes(to, version.commitment)
}

function putGrant(to: Encoding, grant: StoredGrant): void {
  putText(to, grant.principal)
  putCode(to, permissionCodes[grant.permission])
  putText(to, grant.grantedBy)
  putU64(to, grant.grantedAt.getTime())
  putOptionalText(to, grant.deploymentId)
}

function putOptionalText(to: Encoding, text: string | undefined): void {
  putU8(to, text === undefined ? 0 : 1)
  if (text !== undefined) putText(to, text)
}

// A store may return any text here, also the name of an inherited property such as `constructor`.
function putCode(to: Encoding, code: unknown): void {
  if (typeof code !== 'number') throw unencodable()
  putU8(to, code)
}

function unencodable(): VaultError {
  return new VaultError(refusal, { detail: 'A field of the record is out of bounds.' })
}

function inOrder(grants: readonly StoredGrant[]): readonly StoredGrant[] {
  return grants.length < 2 ? grants : [...grants].sort((a, b) => compareUtf8(a.principal, b.principal))
}
