// Looks at the database as someone with the file, and without the key, would: as bytes.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'

/**
 * All bytes of the database, with those that wait in its write-ahead log.
 *
 * @param {string} path
 */
export function bytesOnDisk(path) {
  const files = [path, `${path}-wal`].filter((file) => existsSync(file))
  return Buffer.concat(files.map((file) => readFileSync(file)))
}

/**
 * Whether the bytes hold a text as it is, or in base64, base64url or hex.
 *
 * @param {Buffer} bytes
 * @param {string} text
 */
export function holdsText(bytes, text) {
  const plain = Buffer.from(text)
  // Encodings in groups of three bytes differ by where the text begins; the middle is the same in each.
  const encoded = [0, 1, 2].flatMap((skip) => {
    const whole = plain.subarray(skip, skip + Math.floor((plain.length - skip) / 3) * 3)
    return [whole.toString('base64'), whole.toString('base64url')]
  })
  return [text, plain.toString('hex'), ...encoded].some((form) => bytes.includes(form))
}

/**
 * Changes bytes of a closed database without the database noticing: each place that holds `before` gets `after`.
 * Returns how many places there were.
 *
 * @param {string} path
 * @param {{ before: Uint8Array, after: Uint8Array }} change
 */
export function changeOnDisk(path, { before, after }) {
  if (before.length !== after.length) throw new Error('The file must keep its length.')
  const bytes = readFileSync(path)
  let places = 0
  for (let at = bytes.indexOf(before); at !== -1; at = bytes.indexOf(before, at + 1)) {
    bytes.set(after, at)
    places += 1
  }
  writeFileSync(path, bytes)
  return places
}
