// The keys and macs of the chain: what a stream's first key is, how it moves on, and what a mac covers.
import { createHmac, type KeyObject } from 'node:crypto'
import type { KeyForm } from '../../bytes/index.ts'

/** The lengths that, with a vault id of 16 bytes, make every input below unambiguous. */
export const streamIdBytes = 16
export const macBytes = 32

/** `k0` of a stream. The caller wipes it. */
export function firstKey(options: {
  readonly root: KeyObject
  readonly vaultId: Uint8Array
  readonly stream: Uint8Array
}): Buffer {
  const { root, vaultId, stream } = options
  return createHmac('sha256', root).update('mcpvault/1/audit-stream').update(vaultId).update(stream).digest()
}

/** The key after `key`. From the new one the old cannot be found. */
export function nextKey(key: KeyForm): Buffer {
  return createHmac('sha256', key).update('mcpvault/1/ratchet').digest()
}

/** Computes the macs of one stream. */
export type MacFunction = (link: {
  readonly key: KeyForm
  readonly sequence: number
  /** The mac of the row before; 32 zero bytes before the first. */
  readonly previousMac: Uint8Array
  readonly body: Uint8Array
}) => Buffer

/** `HMAC-SHA256(key, "mcpvault/1/audit" || 00 || vault id || stream || u64 sequence || previous mac || u32 length || body)`. */
export function streamMac(options: { readonly vaultId: Uint8Array; readonly stream: Uint8Array }): MacFunction {
  const prefix = Buffer.concat([Buffer.from('mcpvault/1/audit\0'), options.vaultId, options.stream])
  // One header for all rows: it is filled and consumed without a pause in between.
  const header = Buffer.concat([prefix, Buffer.alloc(8 + macBytes + 4)])
  const at = prefix.length
  return ({ key, sequence, previousMac, body }) => {
    header.writeUInt32BE(Math.floor(sequence / 0x1_0000_0000), at)
    header.writeUInt32BE(sequence % 0x1_0000_0000, at + 4)
    header.set(previousMac, at + 8)
    header.writeUInt32BE(body.length, at + 8 + macBytes)
    return createHmac('sha256', key).update(header).update(body).digest()
  }
}

/** A key for one purpose other than the chain, from the root. The caller wipes it. */
export function purposeKey(options: {
  readonly root: KeyObject
  readonly vaultId: Uint8Array
  readonly label: 'mcpvault/1/audit-erasure' | 'mcpvault/1/audit-pseudonym' | 'mcpvault/1/audit-seal'
}): Buffer {
  return createHmac('sha256', options.root).update(options.label).update(options.vaultId).digest()
}
