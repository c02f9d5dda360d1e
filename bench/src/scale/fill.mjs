// Fills a file with a population of secrets, through the vault, and says how long it took.
import { createVault, keyRing } from '@mcpvault/core'
import { sqliteStore } from '@mcpvault/sqlite'
import { openSqlite } from '../sqlite.mjs'
import { secretName, secretsOf, server, userName } from './population.mjs'

/**
 * @param {object} input
 * @param {string} input.path
 * @param {Uint8Array} input.key
 * @param {import('./population.mjs').Population} input.population
 */
export async function run({ path, key, population }) {
  // A caller's own connection without fsync: only the finished file counts here.
  const database = openSqlite(path, 'OFF')
  const store = sqliteStore({ database })
  await store.migrate()
  const keys = keyRing({ current: 'main#1', keys: { 'main#1': key } })
  const vault = createVault({ keys, store, audit: { mode: 'dangerously-off' } })
  const startedMs = performance.now()
  for (let user = 0; user < population.users; user += 1) {
    const scope = vault.as({ id: userName(user) }).scope({ server })
    const count = secretsOf(population, user)
    for (let index = 0; index < count; index += 1) {
      await scope.set(secretName(index), `a secret value of ${index}`, { type: 'api_key', tags: ['ci'] })
    }
  }
  const seconds = (performance.now() - startedMs) / 1000
  await vault.close()
  store.close()
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  database.close()
  return { seconds }
}
