// The environment chooses the store and the key provider; what is stored is there again after a restart.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generateKey } from '@mcpvault/core'
import { startMongo, startPostgres, startRedis } from '@mcpvault/testkit'
import { expect, it, onTestFinished } from 'vitest'
import { newFolder, passwords, startApp } from './support/app.ts'
import { signedIn } from './support/visitor.ts'

const stores = [
  ['DATABASE_URL', async () => withUrl(await startPostgres(), (server) => server.newDatabase())],
  ['MONGODB_URL', async () => withUrl(await startMongo(), (server) => withDatabase(server.url))],
  ['REDIS_URL', async () => withUrl(await startRedis(), (server) => server.url)],
] as const

async function withUrl<S extends { stop(): Promise<void> }>(server: S, urlOf: (server: S) => string | Promise<string>) {
  onTestFinished(() => server.stop())
  return urlOf(server)
}

function withDatabase(url: string): string {
  const address = new URL(url)
  address.pathname = '/board'
  return String(address)
}

it.each(stores)('%s chooses the store', async (variable, start) => {
  const keyFile = join(newFolder(), 'vault.key')
  writeFileSync(keyFile, generateKey(), { mode: 0o600 })
  const env = { [variable]: await start(), MCPVAULT_KEY_FILE: keyFile }
  const app = await startApp(env)
  const alice = await signedIn(app.url, 'alice', passwords.alice)
  const stored = await fetch(new URL('/vault/api/v1/secrets/github/github_token', app.url), {
    method: 'PUT',
    headers: { cookie: alice.cookies(), 'content-type': 'application/json' },
    body: JSON.stringify({ value: app.token('alice') }),
  })
  expect(stored.status).toBe(201)
  expect(await app.stop()).toBe(0)

  const again = await startApp(env)
  const board = await fetch(again.url, { headers: { cookie: alice.cookies() } })
  expect(await board.text()).toContain('Replace the logo')
  expect(await again.stop()).toBe(0)
})

it('a store on a server takes no key that the app would have to make up', async () => {
  await expect(startApp({ DATABASE_URL: 'postgres://127.0.0.1:1/none' })).rejects.toThrow('VAULT_NO_KEY')
})
