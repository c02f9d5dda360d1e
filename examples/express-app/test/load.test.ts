// 200 clients at once use the app, on SQLite and on Postgres: each request is answered. Prints how long that took.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generateKey } from '@mcpvault/core'
import { startPostgres } from '@mcpvault/testkit'
import { expect, it, onTestFinished } from 'vitest'
import { newFolder, passwords, startApp } from './support/app.ts'
import { putLoad } from './support/load.ts'
import { signedIn } from './support/visitor.ts'

const stores = [
  ['SQLite', async () => ({})],
  [
    'Postgres',
    async () => {
      const server = await startPostgres()
      onTestFinished(() => server.stop())
      const keyFile = join(newFolder(), 'vault.key')
      writeFileSync(keyFile, generateKey(), { mode: 0o600 })
      return { DATABASE_URL: await server.newDatabase(), MCPVAULT_KEY_FILE: keyFile }
    },
  ],
] as const

it.each(stores)('%s: 200 clients at once are all answered', async (store, envOf) => {
  const app = await startApp(await envOf())
  const cookies = await Promise.all(
    (['alice', 'bob'] as const).map(async (user) => {
      const cookie = (await signedIn(app.url, user, passwords[user])).cookies()
      const stored = await fetch(new URL('/vault/api/v1/secrets/github/github_token', app.url), {
        method: 'PUT',
        headers: { cookie, 'content-type': 'application/json' },
        body: JSON.stringify({ value: app.token(user) }),
      })
      expect(stored.status).toBe(201)
      return cookie
    }),
  )
  const api = '/vault/api/v1/secrets'
  const paths = ['/', api, `${api}/github/github_token`, '/', '/vault/api/v1/me']
  const report = await putLoad({ url: app.url, clients: 200, cookies, paths })
  console.log(`${store}: ${report.requests} requests, median ${report.medianMs} ms, p99 ${report.p99Ms} ms`)
  expect(report.failures).toEqual([])
  expect(app.said()).not.toMatch(/could not|failed/)
  expect(await app.stop()).toBe(0)
})
