// The form in which a derived key enters a cipher, by what is fastest on the running Node.
import { createSecretKey, type KeyObject } from 'node:crypto'

/** A derived key of 32 bytes as a cipher takes it; the caller wipes the bytes after the cipher is made. */
export const cipherKey = cipherKeyFor(Number.parseInt(process.versions.node, 10))

/**
 * On Node 20 bytes cost nothing and a KeyObject, made for one message, a third of a cipher; from Node 22 on, bytes may
 * cost 12 microseconds for each cipher.
 */
export function cipherKeyFor(nodeMajor: number): (bytes: Buffer) => Buffer | KeyObject {
  return nodeMajor > 20 ? createSecretKey : (bytes) => bytes
}
