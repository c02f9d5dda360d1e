// The HTTP service as a contestant: its table filled, its process started, its client ready.
import { fork } from 'node:child_process'
import { createCipheriv, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { forEachTurn, nameAt, value } from '../vaults.mjs'
import { httpClient } from './http-client.mjs'

const service = join(import.meta.dirname, 'http-service.mjs')

/** @param {{ pool: import('pg').Pool, url: string, connections: number }} options */
export async function httpPeer({ pool, url, connections }) {
  const key = randomBytes(32)
  await pool.query(`
    CREATE TABLE http_secrets (
      owner text NOT NULL, name text NOT NULL, iv bytea NOT NULL, tag bytea NOT NULL, sealed bytea NOT NULL,
      PRIMARY KEY (owner, name)
    )`)
  await forEachTurn(async (turn) => {
    const iv = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', key, iv)
    const sealed = Buffer.concat([cipher.update(value, 'utf8'), cipher.final()])
    const values = ['alice', nameAt(turn), iv, cipher.getAuthTag(), sealed]
    await pool.query('INSERT INTO http_secrets (owner, name, iv, tag, sealed) VALUES ($1, $2, $3, $4, $5)', values)
  })
  const child = fork(service, [], { serialization: 'advanced' })
  child.send({ url, key, connections })
  const [{ port }] = await once(child, 'message')
  const client = httpClient({ port, connections: 32 })
  return {
    /** @param {string} name */
    get: async (name) => (await client.call(`/${encodeURIComponent(name)}`)).value,
    async close() {
      client.close()
      child.disconnect()
      await once(child, 'exit')
    },
  }
}
