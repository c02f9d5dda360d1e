// Separate keys for separate purposes out of one master key, for hosts that need keys beside the vault's own.
import { hkdfSync, type KeyObject } from 'node:crypto'
import { requireBytes, requireObject, requireText } from '../bytes/index.ts'
import { kdf, labels } from './kdf.ts'

/** What a derived key is for. */
export interface KeyPurpose {
  /** Such as `cookie-signing`. */
  readonly purpose: string
  /** From 1; one more makes an unrelated key. */
  readonly version: number
}

/**
 * Derives 32 bytes by HKDF-SHA256 (RFC 5869) with an empty salt and the info `<purpose>-v<version>`. A key of one purpose
 * says nothing about the key of another. The master key has at least 32 bytes of entropy; TypeError when it is shorter.
 *
 * @example
 * const cookieKey = derivePurposeKey(master, { purpose: 'cookie-signing', version: 1 })
 */
export function derivePurposeKey(master: Uint8Array, key: KeyPurpose): Buffer {
  requireBytes(master, 'master')
  requireObject(key, 'key')
  const { purpose, version } = key
  requireText(purpose, 'purpose')
  if (master.length < 32) throw new TypeError('master must be at least 32 bytes')
  if (purpose === '') throw new TypeError('purpose must not be empty')
  if (!Number.isSafeInteger(version) || version < 1) throw new TypeError('version must be an integer from 1')
  return Buffer.from(hkdfSync('sha256', master, new Uint8Array(), `${purpose}-v${version}`, 32))
}

/** What the key that signs checkpoints is made from: 32 bytes of the audit root. */
export function checkpointSeedOf(root: KeyObject, vaultId: Uint8Array): Buffer {
  return kdf(root, labels.checkpoint, vaultId).subarray(0, 32)
}
