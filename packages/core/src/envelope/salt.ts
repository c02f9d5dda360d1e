// Salts from the CSPRNG, drawn several at a time: one draw costs as much as a third of a whole seal.
import { randomFillSync } from 'node:crypto'

const saltBytes = 32
const drawBytes = 32 * saltBytes
const pool = Buffer.allocUnsafeSlow(drawBytes)
let used = drawBytes

/** Writes 32 fresh random bytes at an offset; each drawn byte is handed out once and erased. */
export function putSalt(target: Uint8Array, at: number): void {
  if (used === drawBytes) {
    randomFillSync(pool)
    used = 0
  }
  for (let index = 0; index < saltBytes; index++, used++) {
    target[at + index] = pool[used] ?? 0
    pool[used] = 0
  }
}
