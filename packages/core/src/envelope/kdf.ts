// The one key derivation of the formats: SP 800-108r1 counter mode with HMAC-SHA-512, one block.
import { createHmac } from 'node:crypto'
import type { KeyForm } from '../bytes/index.ts'

/** The separators between the uses of one key. */
export const labels = Object.freeze({
  payload: 'mcpvault/1/payload',
  wrap: 'mcpvault/1/wrap',
  kekId: 'mcpvault/1/kek-id',
  keyCheck: 'mcpvault/1/kcv',
  record: 'mcpvault/1/record',
  recovery: 'mcpvault/1/recovery',
  archive: 'mcpvault/1/archive',
  checkpoint: 'mcpvault/1/checkpoint',
} as const)

const firstBlock = Buffer.from([0, 0, 0, 1])
const outputBits = Buffer.from([0, 0, 2, 0])

/**
 * Derives 64 bytes: `HMAC-SHA-512(key, u32(1) || label || 00 || context || u32(512))`. Labels are ASCII, and contexts
 * hold names and ids, never a secret.
 */
export function kdf(key: KeyForm, label: string, context: Uint8Array): Buffer {
  const message = Buffer.concat([firstBlock, Buffer.from(`${label}\0`), context, outputBits])
  return createHmac('sha512', key).update(message).digest()
}
