// The compact bytes of a secret's record: everything of it but its names, its counters of use and its envelopes.
import { requireBytes, requireObject } from '../bytes/index.ts'
import type { SecretRef, StoredGrant, StoredSecret, StoredVersion } from '../contracts/index.ts'
import { checkSecretRecord, encodings, permissions, states, tiers, versionStates } from './check-record.ts'
import type { EnvelopeOf } from './envelopes.ts'
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
  repeated,
} from './fields.ts'

const layout = 1
/**
 * The bytes of a record for a store to keep: everything but its names, its counters of use and its envelopes, which
 * stand beside them. The layout is marked, so that a later release reads what an earlier one wrote. Throws TypeError,
 * which names the field, for what is no record.
 *
 * @example
 * const bytes = encodeSecretRecord(record)
 * const { ref, id, revision, createdAt, useCount } = record
 * const columns = { ref, id, revision, createdAtMs: createdAt.getTime(), lastUsedAtMs: null, useCount }
 * const same = decodeSecretRecord(bytes, columns)
 */
export function encodeSecretRecord(record: StoredSecret): Uint8Array {
  checkSecretRecord(record)
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

/** What a store keeps beside the bytes of a record. */
export interface RecordColumns {
  readonly ref: SecretRef
  readonly id: string
  /** By this column a write is compared, and by the next two a list is ordered. */
  readonly revision: number
  readonly createdAtMs: number
  readonly lastUsedAtMs: number | null
  readonly useCount: number
  /** Made by `oneEnvelope` or `allEnvelopes`. Absent: the record was read without envelopes. */
  readonly envelopeOf?: EnvelopeOf
}

type Writable<T> = { -readonly [K in keyof T]: T[K] }

/**
 * The record of these bytes; a damaged one (`isDamaged`) when they are no record, or not the one that its columns say.
 * So one record that somebody has altered does not hide the others of a page, nor where the next page begins. The result
 * shares the memory of `bytes`.
 *
 * @example
 * const { id, revision } = row
 * const columns = { ref, id, revision, createdAtMs: row.created_at, lastUsedAtMs: row.last_used_at, useCount: 0 }
 * const record = decodeSecretRecord(row.record, columns)
 */
export function decodeSecretRecord(bytes: Uint8Array | null | undefined, columns: RecordColumns): StoredSecret {
  requireObject(columns, 'columns')
  requireObject(columns.ref, 'columns.ref')
  const { id, revision, createdAtMs } = columns
  const record = bytes === null || bytes === undefined ? undefined : recordIn(bytes, columns)
  const isWhole = record?.id === id && record.revision === revision && record.createdAt.getTime() === createdAtMs
  return isWhole ? record : damagedRecord(columns)
}

function recordIn(bytes: Uint8Array, columns: RecordColumns): StoredSecret | undefined {
  requireBytes(bytes, 'bytes')
  try {
    return readRecord(bytes, columns)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

function readRecord(bytes: Uint8Array, columns: RecordColumns): StoredSecret {
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
    createdAt: readDate(from),
    updatedAt: readDate(from),
    dekId: readText(from),
    mac: readBytes(from),
    managed: readBytes(from),
    tags: repeated(from, readText),
    grants: repeated(from, readGrant),
    versions: repeated(from, readVersion),
  }
  const description = readOptionalText(from)
  const expiresAtMs = readNumber(from)
  if (description !== undefined) record.description = description
  if (!Number.isNaN(expiresAtMs)) record.expiresAt = dateOf(expiresAtMs)
  if (lastUsedAtMs !== null) record.lastUsedAt = dateOf(lastUsedAtMs)
  if (envelopeOf === undefined) return record
  const versions: readonly Writable<StoredVersion>[] = record.versions
  for (const version of versions) {
    const envelope = envelopeOf(version.version, record.currentVersion)
    if (envelope !== undefined) version.envelope = envelope
  }
  return record
}

const earliestMs = -8.64e15
const noBytes = new Uint8Array()

function damagedRecord({ ref, id, revision, createdAtMs }: RecordColumns): StoredSecret {
  // A time that is none cannot be where a page begins; nothing comes after the earliest one.
  const at = Math.abs(createdAtMs) <= -earliestMs ? createdAtMs : earliestMs
  return {
    isDamaged: true,
    ref: { owner: ref.owner, server: ref.server, name: ref.name },
    id,
    revision,
    createdAt: new Date(at),
    updatedAt: new Date(at),
    currentVersion: 0,
    state: 'inactive',
    type: '',
    tier: 1,
    tags: [],
    useCount: 0,
    dekId: '',
    mac: noBytes,
    managed: noBytes,
    grants: [],
    versions: [],
  }
}

function readGrant(from: FieldsCursor): StoredGrant {
  const grant: Writable<StoredGrant> = {
    principal: readText(from),
    permission: readOneOf(from, permissions),
    grantedBy: readText(from),
    grantedAt: readDate(from),
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
    createdAt: readDate(from),
    createdBy: readText(from),
  }
}

function readDate(from: FieldsCursor): Date {
  return dateOf(readNumber(from))
}

function dateOf(ms: number): Date {
  const at = new Date(ms)
  if (Number.isNaN(at.getTime())) throw new RangeError('The record has a time that is none.')
  return at
}
