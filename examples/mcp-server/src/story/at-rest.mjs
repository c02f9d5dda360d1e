// Chapter 6: what someone with the database file, and without the key, can read.
import { readFileSync } from 'node:fs'
import { bytesOnDisk, holdsText } from '../bytes-on-disk.mjs'
import { readEnvelope } from './envelope.mjs'

/**
 * @param {import('./stage.mjs').Stage} stage
 */
export async function lookAtRest({ narrator, expect, tokens, databasePath, keyPath }) {
  narrator.chapter('The database, as a thief would see it')

  const envelope = await readEnvelope(databasePath)
  const bytes = bytesOnDisk(databasePath)
  const at = bytes.indexOf(envelope)
  expect.equal(at >= 0, true, 'the envelope is in the file')
  narrator.fact('token of alice', `${envelope.length} bytes at offset ${at} of ${bytes.length}; the first 72:`)
  for (let row = 0; row < 72; row += 24) narrator.fact('', envelope.subarray(row, row + 24).toString('hex'))

  for (const token of Object.values(tokens)) expect.equal(holdsText(bytes, token), false, 'no token is in the file')
  const key = Buffer.from(readFileSync(keyPath, 'utf8').trim(), 'base64url')
  expect.equal(bytes.includes(key) || holdsText(bytes, key.toString('base64url')), false, 'the key is not in the file')
  narrator.good('plain text found', 'no token and no key, as text, base64 or hex')
}
