// What teams write by hand: each record under a key that is stretched from one password with the record's own salt.
import { createCipheriv, createDecipheriv, pbkdf2, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { forEachTurn, nameAt, value } from '../vaults.mjs'

const rounds = 100_000
/** Fewer than elsewhere: sealing one takes as long as opening it. */
const records = 8
const stretch = promisify(pbkdf2)

/** @param {import('pg').Pool} pool */
export async function stretchedByHand(pool) {
  const password = randomBytes(24).toString('base64')
  await pool.query(`
    CREATE TABLE stretched (
      owner text NOT NULL, name text NOT NULL, salt bytea NOT NULL, iv bytea NOT NULL, tag bytea NOT NULL,
      sealed bytea NOT NULL, PRIMARY KEY (owner, name)
    )`)
  const keyOf = (salt) => stretch(password, salt, rounds, 32, 'sha256')
  await forEachTurn(async (turn) => {
    const [salt, iv] = [randomBytes(16), randomBytes(12)]
    const cipher = createCipheriv('aes-256-gcm', await keyOf(salt), iv)
    const sealed = Buffer.concat([cipher.update(value, 'utf8'), cipher.final()])
    const values = ['alice', nameAt(turn), salt, iv, cipher.getAuthTag(), sealed]
    await pool.query('INSERT INTO stretched VALUES ($1, $2, $3, $4, $5, $6)', values)
  }, records)
  const text = 'SELECT salt, iv, tag, sealed FROM stretched WHERE owner = $1 AND name = $2'
  return {
    rounds,
    /** @param {number} turn */
    async get(turn) {
      const { rows } = await pool.query({ name: 'stretched-select', text, values: ['alice', nameAt(turn % records)] })
      const [{ salt, iv, tag, sealed }] = rows
      const decipher = createDecipheriv('aes-256-gcm', await keyOf(salt), iv).setAuthTag(tag)
      return Buffer.concat([decipher.update(sealed), decipher.final()]).toString('utf8')
    },
  }
}
