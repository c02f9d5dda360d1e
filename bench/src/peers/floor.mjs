// The floor: what AES-256-GCM with a KeyObject and additional data costs in node:crypto, and nothing else.
import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from 'node:crypto'

const ivBytes = 12
const tagBytes = 16
const options = Object.freeze({ authTagLength: tagBytes })

/** @type {import('./peer.mjs').LoadPeer} */
export async function floor({ bytes }) {
  const key = createSecretKey(randomBytes(32))
  const additionalData = randomBytes(96)
  return {
    name: 'node:crypto AES-256-GCM',
    seal() {
      // Drawn for each message, as people write it: a pool of drawn bytes repeats them in a process resumed twice from one snapshot.
      const iv = randomBytes(ivBytes)
      const cipher = createCipheriv('aes-256-gcm', key, iv, options)
      cipher.setAAD(additionalData)
      return Buffer.concat([iv, cipher.update(bytes), cipher.final(), cipher.getAuthTag()])
    },
    open(sealed) {
      const end = sealed.length - tagBytes
      const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, ivBytes), options)
      decipher.setAAD(additionalData)
      decipher.setAuthTag(sealed.subarray(end))
      const plaintext = decipher.update(sealed.subarray(ivBytes, end))
      decipher.final()
      return plaintext
    },
  }
}
