// The one key derivation of the formats: SP 800-108r1 counter mode with HMAC-SHA-512, one block.
import { createHmac, type KeyObject } from 'node:crypto'

/** The separators between the uses of one key. */
export const labels = Object.freeze({
  payload: 'mcpvault/1/payload',
  wrap: 'mcpvault/1/wrap',
  keyCheck: 'mcpvault/1/kcv',
  record: 'mcpvault/1/record',
} as const)

/** Derives 64 bytes: `HMAC-SHA-512(key, u32(1) || label || 00 || context || u32(512))`. Labels are ASCII. */
export function kdf(key: KeyObject, label: string, context: Uint8Array): Buffer {
  const message = beginKdfMessage(label, context.length)
  const start = kdfContextStart(label)
  message.set(context, start)
  return finishKdf(key, { message, contextEnd: start + context.length })
}

// Messages hold names and ids, never a secret. One buffer serves all short ones: a fresh one is 5 % of a seal.
const scratch = Buffer.allocUnsafeSlow(8192)

/**
 * The message of a derivation with its label written, for callers that write the context in place. It holds only until
 * the next message is begun.
 */
export function beginKdfMessage(label: string, contextCapacity: number): Buffer {
  const start = kdfContextStart(label)
  const size = start + contextCapacity + 4
  const message = size <= scratch.length ? scratch : Buffer.allocUnsafeSlow(size)
  message.writeUInt32BE(1, 0)
  for (let index = 0; index < label.length; index++) message[4 + index] = label.charCodeAt(index)
  message[start - 1] = 0
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
