// A process of the campaign: opens the vault on its file, and renews at each line of its input, by several callers at once.
import { createInterface } from 'node:readline'
import { createVault, isVaultError, keyRing, type SecretScope } from '@mcpvault/core'
import { sqliteStore } from '@mcpvault/sqlite'
import { oauthRefresh } from '../../../src/oauth/index.ts'

const [path = '', key = '', callers = '1'] = process.argv.slice(2)
const vault = createVault({
  keys: keyRing({ current: 'main#1', keys: { 'main#1': key } }),
  store: sqliteStore({ path }, { driver: 'libsql' }),
})
const scope = vault.as({ id: 'alice' }).scope({ server: 'crm' })
const refresh = oauthRefresh({
  allowInsecureLoopback: true,
  // So that the server can tell who asks.
  fetch: (url, init) => {
    const headers = new Headers(init?.headers)
    headers.set('x-process', String(process.pid))
    return fetch(url, { ...init, headers })
  },
})

async function renewOnce(own: SecretScope): Promise<string> {
  try {
    const value = await own.renew('tokens', refresh, { waitMs: 60_000 })
    return `${value?.version} ${value?.fields()['access_token']}`
  } catch (error) {
    return isVaultError(error) ? error.code : String(error)
  }
}

for await (const round of createInterface({ input: process.stdin })) {
  const answers = await Promise.all(Array.from({ length: Number(callers) }, () => renewOnce(scope)))
  console.log(`${round} ${[...new Set(answers)].join(',')}`)
}
await vault.close()
