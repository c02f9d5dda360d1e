// Backing up a SQLite file by hand: pages of rows through one AES-256-GCM stream into a file, and all of it back again.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import { types } from 'node:util'

const page = 500
const key = randomBytes(32)
const tables = [
  { name: 'floor_secrets', cursor: ['key'], first: [0] },
  { name: 'floor_versions', cursor: ['secret', 'version'], first: [0, 0] },
  { name: 'floor_audit', cursor: ['stream', 'sequence'], first: ['', 0] },
]

/**
 * @param {object} sides
 * @param {any} sides.database an open floor of SQLite
 * @param {string} sides.path of a file that is not there yet
 */
export function backUpByHand({ database, path }) {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  const file = openSync(path, 'wx', 0o600)
  writeSync(file, nonce)
  for (const { name, cursor, first } of tables) {
    const marks = cursor.map(() => '?').join(', ')
    const select = database.prepare(
      `SELECT * FROM ${name} WHERE (${cursor.join(', ')}) > (${marks}) ORDER BY ${cursor.join(', ')} LIMIT ${page}`,
    )
    for (let after = first; ; ) {
      const rows = select.all(...after)
      if (rows.length > 0) writeSync(file, cipher.update(`${JSON.stringify([name, rows.map(encodeRow)])}\n`))
      if (rows.length < page) break
      after = cursor.map((column) => rows.at(-1)[column])
    }
  }
  writeSync(file, cipher.final())
  writeSync(file, cipher.getAuthTag())
  fsyncSync(file)
  closeSync(file)
}

/**
 * Reads the file, checks its tag, and only then writes a row.
 *
 * @param {object} sides
 * @param {any} sides.database an empty floor of SQLite
 * @param {string} sides.path
 */
export function restoreByHand({ database, path }) {
  const bytes = readFileSync(path)
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12))
  decipher.setAuthTag(bytes.subarray(-16))
  const text = Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]).toString()
  for (const line of text.split('\n').slice(0, -1)) {
    const [name, rows] = JSON.parse(line)
    const insert = database.prepare(`INSERT INTO ${name} VALUES (${rows[0].map(() => '?').join(', ')})`)
    database.exec('BEGIN')
    for (const row of rows) insert.run(...row.map(decodeColumn))
    database.exec('COMMIT')
  }
}

function encodeRow(row) {
  return Object.values(row).map((column) =>
    // Some drivers give bytes of another realm.
    types.isUint8Array(column) || types.isArrayBuffer(column)
      ? { bytes: Buffer.from(column).toString('base64') }
      : column,
  )
}

function decodeColumn(column) {
  return typeof column === 'object' && column !== null ? Buffer.from(column.bytes, 'base64') : column
}
