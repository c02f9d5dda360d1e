// Several byte strings as one, such as the wraps of a data key.
import { requireArray, requireBytes } from '../bytes/index.ts'
import { fieldsCursor, fieldsWriter, readBytes, repeated } from './fields.ts'

/**
 * Several byte strings as one, such as the wraps of a data key.
 *
 * @example
 * const bytes = encodeBytesList(row.wraps)
 */
export function encodeBytesList(items: readonly Uint8Array[]): Uint8Array {
  requireArray(items, 'items')
  for (const item of items) requireBytes(item, 'items')
  const to = fieldsWriter()
  to.u32(items.length)
  for (const item of items) to.bytes(item)
  return to.finish()
}

/**
 * The wraps of a data key, as `encodeBytesList` joined them; none when the bytes are no such list. A vault opens no key
 * without wraps and reports it, so one row that somebody has altered does not hide the others.
 *
 * @example
 * const wraps = decodeWraps(row.wraps)
 */
export function decodeWraps(bytes: Uint8Array): readonly Uint8Array[] {
  try {
    return decodeBytesList(bytes)
  } catch (error) {
    if (error instanceof RangeError) return []
    throw error
  }
}

/**
 * What `encodeBytesList` joined. Throws RangeError for other bytes, and TypeError for what is no bytes. The result shares the memory of `bytes`.
 *
 * @example
 * const wraps = decodeBytesList(row.wraps)
 */
export function decodeBytesList(bytes: Uint8Array): Uint8Array[] {
  requireBytes(bytes, 'bytes')
  return repeated(fieldsCursor(bytes), readBytes)
}
