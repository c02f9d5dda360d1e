// Fields of binary records, written one after the other and read back in the same order.

/** A growing run of fields. All text goes into one block, which is decoded at once: that is faster than string by string. */
export interface FieldsWriter {
  u8(value: number): void
  u32(value: number): void
  /** Any number, as 8 bytes. */
  number(value: number): void
  bytes(value: Uint8Array): void
  text(value: string): void
  optionalText(value: string | undefined): void
  /** The index of a value in a fixed list, as one byte. */
  oneOf<T>(choices: readonly T[], value: T): void
  finish(): Uint8Array
}

const noText = 0xffff_ffff
const headerBytes = 4

export function fieldsWriter(): FieldsWriter {
  const texts: string[] = []
  let buffer = Buffer.allocUnsafe(512)
  let length = 0
  const reserve = (extra: number): number => {
    const start = length
    length += extra
    if (length > buffer.length) buffer = Buffer.concat([buffer], Math.max(length, buffer.length * 2))
    return start
  }
  const u8 = (value: number): void => {
    const at = reserve(1)
    buffer.writeUInt8(value, at)
  }
  const u32 = (value: number): void => {
    const at = reserve(4)
    buffer.writeUInt32BE(value, at)
  }
  const text = (value: string): void => {
    u32(value.length)
    texts.push(value)
  }
  return {
    u8,
    u32,
    number(value) {
      const at = reserve(8)
      buffer.writeDoubleBE(value, at)
    },
    bytes(value) {
      u32(value.length)
      const at = reserve(value.length)
      buffer.set(value, at)
    },
    text,
    optionalText(value) {
      if (value === undefined) u32(noText)
      else text(value)
    },
    oneOf(choices, value) {
      u8(choices.indexOf(value))
    },
    finish() {
      const block = Buffer.from(texts.join(''), 'utf8')
      const header = Buffer.allocUnsafe(headerBytes)
      header.writeUInt32BE(block.length, 0)
      return Buffer.concat([header, block, buffer.subarray(0, length)])
    },
  }
}

/** A position in the bytes of a record. The functions below move it on, and throw RangeError for other bytes. */
export interface FieldsCursor {
  readonly buffer: Buffer
  readonly view: DataView
  readonly text: string
  at: number
  textAt: number
}

export function fieldsCursor(bytes: Uint8Array): FieldsCursor {
  const { byteOffset, byteLength } = bytes
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, byteOffset, byteLength)
  const view = new DataView(bytes.buffer, byteOffset, byteLength)
  const textEnd = headerBytes + view.getUint32(0)
  if (textEnd > byteLength) throw new RangeError('The record ends too early.')
  return { buffer, view, text: buffer.toString('utf8', headerBytes, textEnd), at: textEnd, textAt: 0 }
}

export function readU8(from: FieldsCursor): number {
  const { at } = from
  from.at = at + 1
  return from.view.getUint8(at)
}

export function readU32(from: FieldsCursor): number {
  const { at } = from
  from.at = at + 4
  return from.view.getUint32(at)
}

export function readNumber(from: FieldsCursor): number {
  const { at } = from
  from.at = at + 8
  return from.view.getFloat64(at)
}

/** Shares the memory that is read. */
export function readBytes(from: FieldsCursor): Uint8Array {
  const size = readU32(from)
  const { at } = from
  from.at = at + size
  if (from.at > from.buffer.length) throw new RangeError('The record ends too early.')
  return from.buffer.subarray(at, from.at)
}

export function readText(from: FieldsCursor): string {
  return textOf(from, readU32(from))
}

export function readOptionalText(from: FieldsCursor): string | undefined {
  const size = readU32(from)
  return size === noText ? undefined : textOf(from, size)
}

function textOf(from: FieldsCursor, size: number): string {
  const { textAt } = from
  from.textAt = textAt + size
  if (from.textAt > from.text.length) throw new RangeError('The record ends too early.')
  return from.text.slice(textAt, from.textAt)
}

export function readOneOf<T>(from: FieldsCursor, choices: readonly T[]): T {
  const choice = choices[readU8(from)]
  if (choice === undefined) throw new RangeError('The record has an unknown value.')
  return choice
}

/** A list behind its length. */
export function repeated<T>(from: FieldsCursor, read: (from: FieldsCursor) => T): T[] {
  const items: T[] = []
  for (let left = readU32(from); left > 0; left -= 1) items.push(read(from))
  return items
}
