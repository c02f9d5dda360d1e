// The shortest whole program: a vault in one SQLite file, one secret, and the trail of its use.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createVault, generateKey, keyRing } from '@mcpvault/core'
import { sqliteStore } from '@mcpvault/sqlite'

const folder = mkdtempSync(join(tmpdir(), 'mcpvault-quickstart-'))
const store = sqliteStore({ path: join(folder, 'vault.db') })
await store.migrate()
const keys = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })
const vault = createVault({ keys, store })

const alice = vault.as({ id: 'alice' })
const github = alice.scope({ server: 'github' })
await github.set('token', 'a token of alice', { type: 'api_key', tags: ['ci'] })

const token = await github.get('token')
console.log(`printed: ${token}, revealed: ${token?.reveal()}`)
console.log('bob sees:', await vault.as({ id: 'bob' }).scope({ owner: 'alice', server: 'github' }).get('token'))

const { items } = await alice.auditLog({ owner: 'alice', name: 'token' })
for (const { at, event } of items) console.log(at.toISOString(), event.action, event.principal, event.outcome)

await vault.close()
store.close()
rmSync(folder, { recursive: true })
