// The header of an archive: which vault and archive it is of, and the wraps of the key that opens the rest.
import { createSecretKey, type KeyObject } from 'node:crypto'
import {
  copyBytes,
  decodeBase64url,
  decodeHex,
  encodeBase64url,
  encodeHex,
  utf8Bytes,
  utf8Text,
  wipe,
} from '../bytes/index.ts'
import { fingerprintBytes, kdf, labels } from '../envelope/index.ts'
import { VaultError } from '../errors/index.ts'
import { maxWraps } from '../keys/index.ts'

/** What an archive says of itself without a key. Nothing of it may be believed before its commitment was checked. */
export interface ArchiveHeader {
  /** 32 hex digits: the id of the archive, and of its key. */
  readonly id: string
  readonly createdAt: Date
  /** 16 bytes. */
  readonly vaultId: Uint8Array
  /** MCK1 records, any of which opens the key of the archive. */
  readonly wraps: readonly Uint8Array[]
  /** Of the master keys that are held in processes, by key id. */
  readonly fingerprints: ReadonlyMap<string, Uint8Array>
}

/** Magic and format version, then the length of the header. */
export const preambleBytes = 8
export const commitmentBytes = 32
/** Eight wraps of a key service are 66 kB of base64url. */
const maxHeaderBytes = 131_072
const magicAndVersion = 0x4d434101

/** The keys of an archive, both bound to every byte before the commitment. */
export interface ArchiveKeys {
  /** Of the frames. */
  readonly frameKey: KeyObject
  readonly commitment: Buffer
}

/** Everything before the commitment: magic, format version, length, and the header as canonical JSON (RFC 8785). */
export function encodeHeader({ id, createdAt, vaultId, wraps, fingerprints }: ArchiveHeader): Buffer {
  // The fields are in the order of their names, and all text is ASCII, so that this is the canonical form.
  const sorted = [...fingerprints].sort(([a], [b]) => (a < b ? -1 : 1))
  const json = utf8Bytes(
    JSON.stringify({
      archive: id,
      createdAt: createdAt.toISOString(),
      fingerprints: Object.fromEntries(sorted.map(([keyId, bytes]) => [keyId, encodeHex(bytes)])),
      vault: encodeHex(vaultId),
      wraps: wraps.map(encodeBase64url),
    }),
  )
  const preamble = Buffer.alloc(preambleBytes)
  preamble.writeUInt32BE(magicAndVersion, 0)
  preamble.writeUInt32BE(json.length, 4)
  return Buffer.concat([preamble, json])
}

/** The length of the header. Throws `VAULT_ENVELOPE_INVALID` and `VAULT_ENVELOPE_UNSUPPORTED`. */
export function parsePreamble(preamble: Buffer): number {
  if (preamble.length < preambleBytes || preamble.readUIntBE(0, 3) !== magicAndVersion >>> 8) throw noArchive()
  if (preamble.readUInt8(3) !== 1) throw new VaultError('VAULT_ENVELOPE_UNSUPPORTED')
  const length = preamble.readUInt32BE(4)
  if (length > maxHeaderBytes) throw noArchive()
  return length
}

/** The header of `encodeHeader`, and of nothing else. Throws `VAULT_ENVELOPE_INVALID`. */
export function parseHeader(bytes: Buffer): ArchiveHeader {
  const header = headerOf(bytes.subarray(preambleBytes))
  if (header === undefined || !encodeHeader(header).equals(bytes)) throw noArchive()
  return header
}

function headerOf(json: Buffer): ArchiveHeader | undefined {
  try {
    const { archive, createdAt, fingerprints, vault, wraps }: Readonly<Record<string, unknown>> = JSON.parse(
      utf8Text(json) ?? '',
    )
    if (decodeHex(String(archive))?.length !== 16 || !Array.isArray(wraps)) return undefined
    if (wraps.length === 0 || wraps.length > maxWraps) return undefined
    if (typeof fingerprints !== 'object' || fingerprints === null) return undefined
    const prints = Object.entries(fingerprints).map(([keyId, hex]) => [keyId, bytesOf(decodeHex(String(hex)))] as const)
    if (prints.some(([, bytes]) => bytes.length !== fingerprintBytes)) return undefined
    const vaultId = bytesOf(decodeHex(String(vault)))
    if (vaultId.length !== 16) return undefined
    const at = new Date(String(createdAt))
    if (Number.isNaN(at.getTime())) return undefined
    return {
      id: String(archive),
      createdAt: at,
      vaultId,
      wraps: wraps.map((wrap) => bytesOf(decodeBase64url(String(wrap)))),
      fingerprints: new Map(prints),
    }
  } catch {
    return undefined
  }
}

function bytesOf(decoded: Buffer | undefined): Buffer {
  return decoded ?? Buffer.alloc(0)
}

/** The key of the frames and the commitment of an archive with these bytes before it. */
export function archiveKeys(key: KeyObject, header: Buffer): ArchiveKeys {
  const derived = kdf(key, labels.archive, header)
  try {
    return { frameKey: createSecretKey(derived.subarray(0, 32)), commitment: copyBytes(derived.subarray(32)) }
  } finally {
    wipe(derived)
  }
}

function noArchive(): VaultError {
  return new VaultError('VAULT_ENVELOPE_INVALID', { detail: 'This is no archive of a vault.' })
}
