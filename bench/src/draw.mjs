// Random bytes, drawn many at a time: a floor that made a system call for each message would flatter whoever does not.
import { randomBytes } from 'node:crypto'

let drawn = randomBytes(0)

/** @param {number} count */
export function draw(count) {
  if (drawn.length < count) drawn = randomBytes(100 * count)
  const bytes = drawn.subarray(0, count)
  drawn = drawn.subarray(count)
  return bytes
}
