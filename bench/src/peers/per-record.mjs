// What hand-made vaults and small packages do for each record: a fast hash or a slow one over the master password.
import { createCipheriv, createDecipheriv, createHash, pbkdf2Sync, randomBytes } from 'node:crypto'

const password = 'p'.repeat(40)
const pbkdf2Rounds = 100_000

/** @type {import('./peer.mjs').LoadPeer} */
export async function hashedPassword({ text }) {
  return hexSealing({ text, name: 'SHA-256 and GCM, hex', keyOf: () => createHash('sha256').update(password).digest() })
}

/** @type {import('./peer.mjs').LoadPeer} */
export async function stretchedPassword({ text }) {
  const keyOf = (salt) => pbkdf2Sync(password, salt, pbkdf2Rounds, 32, 'sha256')
  return hexSealing({ text, name: `PBKDF2 per record, ${pbkdf2Rounds} rounds`, keyOf })
}

/** @type {import('./peer.mjs').LoadPeer} */
export async function cryptr({ text }) {
  const { default: Cryptr } = await import('cryptr')
  const sealer = new Cryptr(password)
  return { name: 'cryptr', seal: () => sealer.encrypt(text), open: (sealed) => sealer.decrypt(sealed) }
}

/**
 * @param {{ readonly text: string, readonly name: string, readonly keyOf: (salt: Buffer) => Buffer }} options
 * @returns {import('./peer.mjs').Peer}
 */
function hexSealing({ text, name, keyOf }) {
  return {
    name,
    seal() {
      const salt = randomBytes(16)
      const iv = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', keyOf(salt), iv, { authTagLength: 16 })
      const ciphertext = cipher.update(text, 'utf8', 'hex') + cipher.final('hex')
      return [salt.toString('hex'), iv.toString('hex'), cipher.getAuthTag().toString('hex'), ciphertext].join(':')
    },
    open(sealed) {
      const [salt, iv, tag, ciphertext] = sealed.split(':')
      const key = keyOf(Buffer.from(salt, 'hex'))
      const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(iv, 'hex'), { authTagLength: 16 })
      decipher.setAuthTag(Buffer.from(tag, 'hex'))
      return decipher.update(ciphertext, 'hex', 'utf8') + decipher.final('utf8')
    },
  }
}
