// Key ids: the name and version of one key-encryption key, written `kekId#version`.
import { VaultError } from '../errors/index.ts'

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

function invalidKeyId(): VaultError {
  return new VaultError('VAULT_CONFIG_INVALID', {
    field: 'keyId',
    detail: 'must be a name of 1 to 255 letters, digits and . _ : / - and a version from 1, as in main#1.',
  })
}
