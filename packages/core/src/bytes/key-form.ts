// The form in which the bytes of a key enter a cipher or an HMAC, by what is fastest on the running Node.
import { createSecretKey, type KeyObject } from 'node:crypto'

/** Bytes of a key, or a key made of them. The caller wipes the bytes after the work. */
export type KeyForm = Uint8Array | KeyObject

const nodeMajor = Number.parseInt(process.versions.node, 10)

/** A derived key of 32 bytes as a cipher takes it. */
export const cipherKey = cipherKeyFor(nodeMajor)
/** A key as an HMAC takes it: for one message, or for two of the same key. */
export const hmacKey = hmacKeyFor(nodeMajor)

/**
 * Bytes are faster on Node 20, where the KeyObject would be made for one message alone. From Node 22 on a KeyObject is
 * much faster.
 */
export function cipherKeyFor(nodeMajor: number): (bytes: Uint8Array) => KeyForm {
  return nodeMajor > 20 ? createSecretKey : (bytes) => bytes
}

/**
 * Bytes are faster on Node 20 and 22. Node 24 takes about four times as long for bytes as for a KeyObject and its making.
 */
export function hmacKeyFor(nodeMajor: number): (bytes: Uint8Array) => KeyForm {
  return nodeMajor > 22 ? createSecretKey : (bytes) => bytes
}
