// The form in which a derived key enters a cipher, by what is fastest on the running Node.
import { createSecretKey, type KeyObject } from 'node:crypto'

/** A derived key of 32 bytes as a cipher takes it; the caller wipes the bytes after the cipher is made. */
export const cipherKey = cipherKeyFor(Number.parseInt(process.versions.node, 10))

/**
 * Bytes are faster on Node 20, where the KeyObject would be made for one message alone. From Node 22 on a KeyObject is
 * much faster.
 */
export function cipherKeyFor(nodeMajor: number): (bytes: Buffer) => Buffer | KeyObject {
  return nodeMajor > 20 ? createSecretKey : (bytes) => bytes
}
