// Fills a Postgres store with secrets of one owner through the vault, many at once and without waiting for the disk.
import { postgresStore } from '@mcpvault/postgres'
import pg from 'pg'
import { vaultOn } from '../vaults.mjs'

const writers = 16

/**
 * @param {{ readonly url: string, readonly secrets: number }} options
 * @returns {Promise<number>} seconds
 */
export async function fillPostgres({ url, secrets }) {
  const pool = new pg.Pool({ connectionString: url, max: writers, options: '-c synchronous_commit=off' })
  const vault = vaultOn(postgresStore({ pool, durability: 'best-effort' }), 'dangerously-off')
  const scope = vault.as({ id: 'alice' }).scope({ server: 'github' })
  const startedMs = performance.now()
  await scope.set('SECRET_0', 'a secret value', { type: 'api_key', tags: ['ci'] })
  let next = 1
  await Promise.all(
    Array.from({ length: writers * 2 }, async () => {
      while (next < secrets) {
        const name = `SECRET_${next}`
        next += 1
        await scope.set(name, 'a secret value', { type: 'api_key', tags: ['ci'] })
      }
    }),
  )
  await vault.close()
  await pool.query('ANALYZE')
  await pool.end()
  return (performance.now() - startedMs) / 1000
}
