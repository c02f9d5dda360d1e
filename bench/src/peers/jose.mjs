// JSON Web Encryption by the jose package, with the content key given directly and wrapped for each message.
import { randomBytes } from 'node:crypto'

/** @type {import('./peer.mjs').LoadPeer} */
export function joseDirect(value) {
  return jwe('dir', value)
}

/** @type {import('./peer.mjs').LoadPeer} */
export function joseKeyWrap(value) {
  return jwe('A256KW', value)
}

/**
 * @param {'dir' | 'A256KW'} alg
 * @param {import('./peer.mjs').Value} value
 */
async function jwe(alg, { bytes }) {
  const { CompactEncrypt, compactDecrypt } = await import('jose')
  const key = randomBytes(32)
  return {
    name: `jose ${alg} + A256GCM`,
    seal: () => new CompactEncrypt(bytes).setProtectedHeader({ alg, enc: 'A256GCM' }).encrypt(key),
    open: async (token) => (await compactDecrypt(token, key)).plaintext,
  }
}
