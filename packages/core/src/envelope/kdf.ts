// The one key derivation of the formats: SP 800-108r1 counter mode with HMAC-SHA-512, one block.
import { createHmac, type KeyObject } from 'node:crypto'

/** The separators between the uses of one key. */
export const labels = Object.freeze({
  payload: 'mcpvault/1/payload',
  wrap: 'mcpvault/1/wrap',
  keyCheck: 'mcpvault/1/kcv',
  record: 'mcpvault/1/record',
  recovery: 'mcpvault/1/recovery',
} as const)

const firstBlock = Buffer.from([0, 0, 0, 1])
const outputBits = Buffer.from([0, 0, 2, 0])

/**
 * Derives 64 bytes: `HMAC-SHA-512(key, u32(1) || label || 00 || context || u32(512))`. Labels are ASCII, and contexts
 * hold names and ids, never a secret.
 */
export function kdf(key: KeyObject, label: string, context: Uint8Array): Buffer {
  const message = Buffer.concat([firstBlock, Buffer.from(`${label}\0`, 'latin1'), context, outputBits])
  return createHmac('sha512', key).update(message).digest()
}

/** The message of a derivation with its label written, for a caller that writes the context in place. */
export function beginKdfMessage(label: string, contextCapacity: number): Buffer {
  const message = Buffer.allocUnsafeSlow(kdfContextStart(label) + contextCapacity + 4)
  firstBlock.copy(message)
  message.write(`${label}\0`, 4, 'latin1')
  return message
}

/** Where the context begins in the message of a label. */
export function kdfContextStart(label: string): number {
  return label.length + 5
}

/** Derives from a message whose context ends at `contextEnd`. */
export function finishKdf(
  key: KeyObject,
  { message, contextEnd }: { readonly message: Buffer; readonly contextEnd: number },
): Buffer {
  const end = message.writeUInt32BE(512, contextEnd)
  return createHmac('sha512', key).update(message.subarray(0, end)).digest()
}
