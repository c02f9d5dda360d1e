// Copying, comparing and wiping bytes.

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
