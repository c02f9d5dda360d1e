// Texts that go out and come back: encrypted and authenticated, so that nobody reads, makes or changes one.
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto'

/** What a text is for. One made for another purpose does not open. */
export type Purpose = 'link' | 'request-state'

const nonceBytes = 12
const tagBytes = 16
/** A longer text is none that was made here. */
const maxLength = 16_384

/** AES-256-GCM with a random nonce, as base64url. */
export function sealText(key: Uint8Array, purpose: Purpose, payload: unknown): string {
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', purposeKey(key, purpose), nonce)
  const sealed = [cipher.update(JSON.stringify(payload), 'utf8'), cipher.final()]
  return Buffer.concat([nonce, ...sealed, cipher.getAuthTag()]).toString('base64url')
}

/** The payload; undefined for a text that was not sealed for this purpose under this key. */
export function openText(key: Uint8Array, purpose: Purpose, text: string): unknown {
  if (text.length > maxLength || !/^[\w-]+$/.test(text)) return undefined
  const bytes = Buffer.from(text, 'base64url')
  // Base64url can be written in more than one way; only the one that was made counts.
  if (bytes.length <= nonceBytes + tagBytes || bytes.toString('base64url') !== text) return undefined
  const decipher = createDecipheriv('aes-256-gcm', purposeKey(key, purpose), bytes.subarray(0, nonceBytes))
  decipher.setAuthTag(bytes.subarray(-tagBytes))
  try {
    const opened = [decipher.update(bytes.subarray(nonceBytes, -tagBytes)), decipher.final()]
    return JSON.parse(Buffer.concat(opened).toString('utf8'))
  } catch {
    return undefined
  }
}

/** What only a page of this link, made for this user, can send back. */
export function csrfToken(
  key: Uint8Array,
  { id, principal }: { readonly id: string; readonly principal: string },
): string {
  const text = JSON.stringify([id, principal])
  return createHmac('sha256', purposeKey(key, 'csrf')).update(text).digest('base64url')
}

export function isSameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}

function purposeKey(key: Uint8Array, purpose: Purpose | 'csrf'): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', key, new Uint8Array(0), `mcpvault elicitation ${purpose} 1`, 32))
}
