// Arrays of parameters in Postgres' own binary form, which neither side has to quote or to parse.

/**
 * The send and receive form of a one-dimensional array (PostgreSQL source, `array_recv`): dimensions, whether it has
 * nulls, the element's type, length, lower bound, then each element behind its length, which is -1 for a null.
 */
interface Elements {
  readonly type: number
  readonly lengths: readonly (number | undefined)[]
  write(target: Buffer, index: number, at: number): void
}

const headerBytes = 20
/** Object ids of the built-in types, which never change (PostgreSQL source, `pg_type.dat`). */
const types = Object.freeze({ bytea: 17, bigint: 20, text: 25 })

export function textArray(values: readonly (string | undefined)[]): Buffer {
  return encodeArray({
    type: types.text,
    lengths: values.map((value) => (value === undefined ? undefined : Buffer.byteLength(value, 'utf8'))),
    write: (target, index, at) => void target.write(values[index] ?? '', at, 'utf8'),
  })
}

export function bytesArray(values: readonly (Uint8Array | undefined)[]): Buffer {
  return encodeArray({
    type: types.bytea,
    lengths: values.map((value) => value?.length),
    write: (target, index, at) => target.set(values[index] ?? [], at),
  })
}

/** Whole numbers that a `number` holds exactly. */
export function bigintArray(values: readonly (number | undefined)[]): Buffer {
  return encodeArray({
    type: types.bigint,
    lengths: values.map((value) => (value === undefined ? undefined : 8)),
    write(target, index, at) {
      const value = values[index] ?? 0
      const high = Math.floor(value / 0x1_0000_0000)
      target.writeInt32BE(high, at)
      target.writeUInt32BE(value - high * 0x1_0000_0000, at + 4)
    },
  })
}

function encodeArray({ type, lengths, write }: Elements): Buffer {
  const isEmpty = lengths.length === 0
  const size = lengths.reduce<number>((sum, length = 0) => sum + 4 + length, isEmpty ? 12 : headerBytes)
  const bytes = Buffer.allocUnsafe(size)
  bytes.writeInt32BE(isEmpty ? 0 : 1, 0)
  bytes.writeInt32BE(lengths.includes(undefined) ? 1 : 0, 4)
  bytes.writeInt32BE(type, 8)
  if (isEmpty) return bytes
  bytes.writeInt32BE(lengths.length, 12)
  bytes.writeInt32BE(1, 16)
  let at = headerBytes
  for (const [index, length] of lengths.entries()) {
    bytes.writeInt32BE(length ?? -1, at)
    if (length !== undefined) write(bytes, index, at + 4)
    at += 4 + (length ?? 0)
  }
  return bytes
}
