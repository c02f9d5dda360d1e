// Key ids: the name and version of one key-encryption key, written `kekId#version`.
import type { KeyObject } from 'node:crypto'
import { VaultError } from '../errors/index.ts'
import { kdf, labels } from './kdf.ts'

/** The parts of a key id. */
export interface KeyIdParts {
  /** 1 to 255 of the characters `A-Z a-z 0-9 . _ : / -`; a KMS key ARN is one. */
  readonly kekId: string
  /** From 1; 0 for a key service that tracks the versions of its keys itself, whose key id is then the bare name. */
  readonly version: number
}

const kekIdPattern = /^[A-Za-z0-9._:/-]{1,255}$/
const maxVersion = 0xffff_ffff

/** Whether these parts make a key id. */
export function isKeyId({ kekId, version }: KeyIdParts): boolean {
  return kekIdPattern.test(kekId) && Number.isInteger(version) && version >= 0 && version <= maxVersion
}

/** `main#3`, or the bare name when the version is 0. Throws `VAULT_CONFIG_INVALID`. */
export function formatKeyId(parts: KeyIdParts): string {
  if (!isKeyId(parts)) throw invalidKeyId()
  return parts.version === 0 ? parts.kekId : `${parts.kekId}#${parts.version}`
}

/** The parts of `main#3` or of a bare name. Throws `VAULT_CONFIG_INVALID`. */
export function parseKeyId(keyId: string): KeyIdParts {
  const [, kekId = '', version] = /^([^#]*)(?:#([1-9][0-9]{0,9}))?$/.exec(keyId) ?? []
  const parts = { kekId, version: version === undefined ? 0 : Number(version) }
  if (!isKeyId(parts)) throw invalidKeyId()
  return parts
}

/** A fingerprint has so many bytes. */
export const fingerprintBytes = 8

/**
 * The fingerprint of a key-encryption key of 32 bytes: it says whether two keys are the same, and nothing else of them.
 *
 * @example
 * fingerprints: () => new Map([['main#1', keyFingerprint(createSecretKey(bytes))]])
 */
export function keyFingerprint(kek: KeyObject): Uint8Array {
  return Uint8Array.from(kdf(kek, labels.kekId, new Uint8Array()).subarray(0, fingerprintBytes))
}

function invalidKeyId(): VaultError {
  return new VaultError('VAULT_CONFIG_INVALID', {
    field: 'keyId',
    detail: 'must be a name of 1 to 255 letters, digits and . _ : / - and a version from 1, as in main#1.',
  })
}
