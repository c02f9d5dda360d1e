// The memory of a fresh process that opens a filled file, lists it and reads from it.
import { openFilled } from './open.mjs'

/**
 * @param {{ readonly file: Parameters<typeof openFilled>[0], readonly reads: number }} input
 * @returns {Promise<number>} megabytes, the most that were resident
 */
export async function run({ file: { path, key, population }, reads }) {
  const file = openFilled({ path, key, population })
  await file.warmKeys()
  const { first, middle, last } = await file.cursors()
  for (const cursor of [first, middle, last]) await file.page(cursor)
  for (let turn = 0; turn < reads; turn += 1) await file.read(turn)
  const rssMb = process.resourceUsage().maxRSS / 1024
  await file.close()
  return rssMb
}
