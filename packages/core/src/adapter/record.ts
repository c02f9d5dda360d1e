// The compact bytes of a secret's record: everything of it but its names, its counters of use and its envelopes.
import type { SecretRef, StoredGrant, StoredSecret, StoredVersion } from '../contracts/index.ts'
import {
  type FieldsCursor,
  fieldsCursor,
  fieldsWriter,
  readBytes,
  readNumber,
  readOneOf,
  readOptionalText,
  readText,
  readU8,
  readU32,
} from './fields.ts'

const layout = 1
const states = ['active', 'inactive', 'deleted'] as const
const tiers = [1, 2, 3] as const
const encodings = ['text', 'bytes', 'fields'] as const
const versionStates = ['active', 'pending', 'retired'] as const
const permissions = ['read', 'write', 'admin'] as const

/**
 * The bytes of a record for a store to keep: everything but its names, its counters of use and its envelopes, which
 * stand beside them. The layout is marked, so that a later release reads what an earlier one wrote.
 *
 * @example
 * const bytes = encodeSecretRecord(record)
 * const same = decodeSecretRecord(bytes, { ref: record.ref, lastUsedAtMs: null, useCount: 0 })
 */
export function encodeSecretRecord(record: StoredSecret): Uint8Array {
  const to = fieldsWriter()
  to.u8(layout)
  to.text(record.id)
  to.number(record.revision)
  to.number(record.currentVersion)
  to.oneOf(states, record.state)
  to.text(record.type)
  to.oneOf(tiers, record.tier)
  to.number(record.createdAt.getTime())
  to.number(record.updatedAt.getTime())
  to.text(record.dekId)
  to.bytes(record.mac)
  to.bytes(record.managed)
  to.u32(record.tags.length)
  for (const tag of record.tags) to.text(tag)
  to.u32(record.grants.length)
  for (const grant of record.grants) {
    to.text(grant.principal)
    to.oneOf(permissions, grant.permission)
    to.text(grant.grantedBy)
    to.number(grant.grantedAt.getTime())
    to.optionalText(grant.deploymentId)
  }
  to.u32(record.versions.length)
  for (const version of record.versions) {
    to.number(version.version)
    to.oneOf(encodings, version.encoding)
    to.oneOf(versionStates, version.state)
    to.bytes(version.commitment)
    to.number(version.createdAt.getTime())
    to.text(version.createdBy)
  }
  to.optionalText(record.description)
  to.number(record.expiresAt?.getTime() ?? Number.NaN)
  return to.finish()
}

/** The envelope of a version, when it was read. */
export type EnvelopeOf = (version: number, currentVersion: number) => Uint8Array | undefined

/** What a store keeps beside the bytes of a record. */
export interface RecordColumns {
  readonly ref: SecretRef
  readonly lastUsedAtMs: number | null
  readonly useCount: number
  /** Made by `oneEnvelope` or `allEnvelopes`. Absent: the record was read without envelopes. */
  readonly envelopeOf?: EnvelopeOf
}

type Writable<T> = { -readonly [K in keyof T]: T[K] }

/**
 * The record of these bytes. Throws RangeError for bytes that are no record. The result shares the memory of `bytes`.
 *
 * @example
 * const record = decodeSecretRecord(row.record, { ref, lastUsedAtMs: row.last_used_at, useCount: row.use_count })
 */
export function decodeSecretRecord(bytes: Uint8Array, columns: RecordColumns): StoredSecret {
  const { ref, lastUsedAtMs, useCount, envelopeOf } = columns
  const from = fieldsCursor(bytes)
  if (readU8(from) !== layout) throw new RangeError('The record has an unknown layout.')
  // Object literals call these in the order of their lines, which is the order of the bytes.
  const record: Writable<StoredSecret> = {
    ref: { owner: ref.owner, server: ref.server, name: ref.name },
    useCount,
    id: readText(from),
    revision: readNumber(from),
    currentVersion: readNumber(from),
    state: readOneOf(from, states),
    type: readText(from),
    tier: readOneOf(from, tiers),
    createdAt: new Date(readNumber(from)),
    updatedAt: new Date(readNumber(from)),
    dekId: readText(from),
    mac: readBytes(from),
    managed: readBytes(from),
    tags: repeat(from, readText),
    grants: repeat(from, readGrant),
    versions: repeat(from, readVersion),
  }
  const description = readOptionalText(from)
  const expiresAtMs = readNumber(from)
  if (description !== undefined) record.description = description
  if (!Number.isNaN(expiresAtMs)) record.expiresAt = new Date(expiresAtMs)
  if (lastUsedAtMs !== null) record.lastUsedAt = new Date(lastUsedAtMs)
  if (envelopeOf === undefined) return record
  for (const version of record.versions) addEnvelope(version, envelopeOf(version.version, record.currentVersion))
  return record
}

/**
 * One envelope that was read with a record: that of a version, or of the current one, which the bytes name. Null and
 * undefined are what drivers give for none.
 *
 * @example
 * const envelopeOf = oneEnvelope('current', row.envelope)
 * const record = decodeSecretRecord(row.record, { ref, lastUsedAtMs: null, useCount: 0, envelopeOf })
 */
export function oneEnvelope(which: 'current' | number, envelope: Uint8Array | null | undefined): EnvelopeOf {
  return (version, currentVersion) =>
    version === (which === 'current' ? currentVersion : which) ? (envelope ?? undefined) : undefined
}

/**
 * Every envelope that was read with a record, by version.
 *
 * @example
 * const envelopeOf = allEnvelopes(rows.map(({ version, envelope }) => [version, envelope]))
 */
export function allEnvelopes(read: Iterable<readonly [version: number, Uint8Array | null | undefined]>): EnvelopeOf {
  const envelopes = new Map(read)
  return (version) => envelopes.get(version) ?? undefined
}

function addEnvelope(version: Writable<StoredVersion>, envelope: Uint8Array | undefined): void {
  if (envelope !== undefined) version.envelope = envelope
}

function readGrant(from: FieldsCursor): StoredGrant {
  const grant: Writable<StoredGrant> = {
    principal: readText(from),
    permission: readOneOf(from, permissions),
    grantedBy: readText(from),
    grantedAt: new Date(readNumber(from)),
  }
  const deploymentId = readOptionalText(from)
  if (deploymentId !== undefined) grant.deploymentId = deploymentId
  return grant
}

function readVersion(from: FieldsCursor): StoredVersion {
  return {
    version: readNumber(from),
    encoding: readOneOf(from, encodings),
    state: readOneOf(from, versionStates),
    commitment: readBytes(from),
    createdAt: new Date(readNumber(from)),
    createdBy: readText(from),
  }
}

function repeat<T>(from: FieldsCursor, read: (from: FieldsCursor) => T): T[] {
  const items: T[] = []
  for (let left = readU32(from); left > 0; left -= 1) items.push(read(from))
  return items
}

/**
 * Several byte strings as one, such as the wraps of a data key.
 *
 * @example
 * const bytes = encodeBytesList(row.wraps)
 */
export function encodeBytesList(items: readonly Uint8Array[]): Uint8Array {
  const to = fieldsWriter()
  to.u32(items.length)
  for (const item of items) to.bytes(item)
  return to.finish()
}

/**
 * What `encodeBytesList` joined. Throws RangeError for other bytes. The result shares the memory of `bytes`.
 *
 * @example
 * const wraps = decodeBytesList(row.wraps)
 */
export function decodeBytesList(bytes: Uint8Array): Uint8Array[] {
  return repeat(fieldsCursor(bytes), readBytes)
}
