// The environment chooses the store and the key provider; what is stored is there again after a restart.
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generateKey } from '@mcpvault/core'
import { startMongo, startPostgres, startRedis } from '@mcpvault/testkit'
import { startKmsEndpoint } from '@mcpvault/testkit/kms'
import { expect, it, onTestFinished } from 'vitest'
import { newFolder, passwords, startApp } from './support/app.ts'
import { startAsksPassword } from './support/asks-password.ts'
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

it('an address that cannot be read is refused without being repeated', async () => {
  const env = { DATABASE_URL: 'postgres://board:very#private@127.0.0.1/board', MCPVAULT_KEY: generateKey() }
  const error = await startApp(env).catch((reason: unknown) => String(reason))
  expect(error).toContain('VAULT_CONFIG_INVALID')
  expect(error).not.toContain('private')
})

it('AWS_KMS_KEY_ID chooses the key provider, and no key is on the disk', async () => {
  const kms = await startKmsEndpoint()
  onTestFinished(() => kms.stop())
  const env = {
    AWS_KMS_KEY_ID: kms.createKey(),
    AWS_ENDPOINT_URL_KMS: kms.url,
    AWS_REGION: kms.region,
    AWS_ACCESS_KEY_ID: kms.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: kms.credentials.secretAccessKey,
  }
  const app = await startApp(env)
  expect(readdirSync(app.folder)).not.toContain('vault.key')
  const health = await fetch(new URL('/vault/api/v1/health', app.url))
  expect(await health.json()).toEqual({ success: true, data: { ok: true } })
  expect(kms.requests.map(({ operation }) => operation)).toContain('GenerateDataKey')
  expect(await app.stop()).toBe(0)
})

it('the password of the database comes from a file, whatever characters it has', async () => {
  const { port, passwords: given } = await startAsksPassword()
  const [password, file] = ['50% of p@ss:w/rd?#', join(newFolder(), 'password')]
  const keyFile = join(newFolder(), 'vault.key')
  writeFileSync(file, `${password}\n`, { mode: 0o600 })
  writeFileSync(keyFile, generateKey(), { mode: 0o600 })
  const env = { DATABASE_URL: `postgres://board@127.0.0.1:${port}/board`, DATABASE_PASSWORD_FILE: file }
  await expect(startApp({ ...env, MCPVAULT_KEY_FILE: keyFile })).rejects.toThrow('did not start')
  expect(given).toContain(password)
})
