// Big-endian fields, length prefixes and wiping: what binary records are built from.

/** A growing run of fields, joined once at the end in memory outside Node's shared pool. */
export interface FieldWriter {
  u8(value: number): FieldWriter
  u16(value: number): FieldWriter
  u32(value: number): FieldWriter
  /** A non-negative safe integer as 8 bytes. */
  u64(value: number): FieldWriter
  bytes(value: Uint8Array): FieldWriter
  /** u16 length, then UTF-8. */
  text(value: string): FieldWriter
  /** u32 length, then the bytes. */
  block(value: Uint8Array): FieldWriter
  finish(): Buffer
}

/** Writes into one buffer that grows by doubling. */
export function fieldWriter(initialBytes = 256): FieldWriter {
  let buffer = Buffer.allocUnsafeSlow(initialBytes)
  let length = 0
  const reserve = (extra: number): number => {
    const start = length
    length += extra
    if (length > buffer.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(length, buffer.length * 2))
      buffer.copy(larger, 0, 0, start)
      buffer.fill(0)
      buffer = larger
    }
    return start
  }
  const writer: FieldWriter = {
    u8(value) {
      const at = reserve(1)
      buffer.writeUInt8(value, at)
      return writer
    },
    u16(value) {
      const at = reserve(2)
      buffer.writeUInt16BE(value, at)
      return writer
    },
    u32(value) {
      const at = reserve(4)
      buffer.writeUInt32BE(value, at)
      return writer
    },
    u64(value) {
      const at = reserve(8)
      buffer.writeUInt32BE(Math.floor(value / 0x1_0000_0000), at)
      buffer.writeUInt32BE(value % 0x1_0000_0000, at + 4)
      return writer
    },
    bytes(value) {
      const at = reserve(value.length)
      buffer.set(value, at)
      return writer
    },
    text(value) {
      const size = Buffer.byteLength(value, 'utf8')
      writer.u16(size)
      const at = reserve(size)
      buffer.write(value, at, 'utf8')
      return writer
    },
    block(value) {
      return writer.u32(value.length).bytes(value)
    },
    finish() {
      return buffer.subarray(0, length)
    },
  }
  return writer
}

/** Overwrites bytes with zeros. */
export function wipe(bytes: Uint8Array): void {
  bytes.fill(0)
}

/** A copy in memory of its own. */
export function copyBytes(bytes: Uint8Array): Buffer {
  const copy = Buffer.alloc(bytes.length)
  copy.set(bytes)
  return copy
}

/** Whether two byte strings are the same, for bytes that are no secret. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0
}
