// Signing in and out: the cookie, its flags, what becomes of it, and who is refused.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { passwords, startApp } from './support/app.ts'
import { signedIn, visitorOf } from './support/visitor.ts'

it('a sign-in renews the session, a sign-out ends it, and a restart does not', async () => {
  const app = await startApp()
  const alice = await signedIn(app.url, 'alice', passwords.alice)
  const first = alice.cookies()
  expect((await alice.get('/')).status).toBe(200)

  await alice.post('/sign-in', { user: 'alice', password: passwords.alice })
  expect(alice.cookies()).not.toBe(first)
  const withFirst = await visitorOf(app.url).get('/', { cookie: first })
  expect([withFirst.status, withFirst.headers.get('location')]).toEqual([303, '/sign-in'])

  expect(await app.stop()).toBe(0)
  const again = await startApp({ DATA_FOLDER: app.folder })
  const later = visitorOf(again.url)
  const last = { cookie: alice.cookies() }
  expect((await later.get('/', last)).status).toBe(200)
  expect((await later.get('/vault/api/v1/me', last)).status).toBe(200)

  await later.post('/sign-out', {}, last)
  expect((await later.get('/', last)).status).toBe(303)
  expect((await later.get('/vault/api/v1/me', last)).status).toBe(401)
  expect((await later.get('/vault/')).headers.get('location')).toBe('/sign-in')
})

it('the cookie is for this host, for scripts of no page, and over HTTPS only where there is HTTPS', async () => {
  const local = await startApp()
  const plain = await visitorOf(local.url).post('/sign-in', { user: 'bob', password: passwords.bob })
  for (const cookie of plain.headers.getSetCookie()) {
    expect(cookie).toMatch(/; path=\/; expires=[^;]+; samesite=lax; httponly$/)
  }

  const served = await startApp({ APP_ORIGIN: 'https://board.example', TRUST_PROXY: '127.0.0.1' })
  const proxied = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'board.example', 'x-forwarded-for': '192.0.2.7' }
  const visitor = visitorOf(served.url)
  const secure = await visitor.post('/sign-in', { user: 'bob', password: passwords.bob }, proxied)
  expect(secure.status).toBe(303)
  expect(secure.headers.getSetCookie()).toHaveLength(2)
  for (const cookie of secure.headers.getSetCookie()) {
    expect(cookie).toMatch(/^__Host-session(?:\.sig)?=.+; path=\/; expires=[^;]+; samesite=lax; secure; httponly$/)
  }
  expect((await visitor.get('/', proxied)).status).toBe(200)
  expect((await visitor.get('/vault/', proxied)).status).toBe(200)
  // Neither past the proxy, nor by another name.
  expect((await visitor.get('/')).status).toBe(403)
  expect((await visitor.get('/', { ...proxied, 'x-forwarded-host': 'other.example' })).status).toBe(403)
})

it('guesses are limited for a user from one address, and count before they are checked', async () => {
  const app = await startApp()
  const visitor = visitorOf(app.url)
  const guess = (user: string, password: string) => visitor.post('/sign-in', { user, password })
  const guesses = Array.from({ length: 8 }, (_, index) => guess('alice', `guess ${index}`))
  const answers = await Promise.all(guesses)
  expect(answers.map(({ status }) => status).sort()).toEqual([401, 401, 401, 401, 401, 429, 429, 429])
  const late = await guess('alice', passwords.alice)
  expect([late.status, late.headers.get('retry-after')]).toEqual([429, '900'])
  expect((await guess('nobody', 'guess')).status).toBe(401)
  expect((await guess('bob', passwords.bob)).status).toBe(303)
})

it('nothing that another site sends signs anybody in or out', async () => {
  const app = await startApp()
  const alice = await signedIn(app.url, 'alice', passwords.alice)
  const form = { user: 'alice', password: passwords.alice }
  for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { origin: 'https://evil.example' }, { origin: 'null' }]) {
    expect((await alice.post('/sign-out', {}, headers)).status).toBe(403)
    expect((await alice.post('/sign-in', form, headers)).status).toBe(403)
    expect((await alice.post('/mcp-token', {}, headers)).status).toBe(403)
  }
  expect((await alice.get('/', { 'x-forwarded-host': 'evil.example' })).status).toBe(200)
  expect((await alice.post('/sign-out', {}, { 'sec-fetch-site': 'same-origin', origin: app.url })).status).toBe(303)
  const forged = Buffer.from(JSON.stringify({ id: 'x', user: 'alice', endsAt: 1e15 })).toString('base64')
  expect((await alice.get('/', { cookie: `session=${forged}; session.sig=${'A'.repeat(27)}` })).status).toBe(303)
  expect((await alice.post('/sign-in', { user: '__proto__', password: 'x' })).status).toBe(401)
  expect((await alice.post('/sign-in', { user: 'x'.repeat(65), password: 'x' })).status).toBe(400)
})

it('passwords are random unless they are given, shown once, and on disk only as hashes in the vault', async () => {
  const app = await startApp({ ALICE_PASSWORD: '', BOB_PASSWORD: '' })
  const [, shown = ''] = /^alice: password (\S+)$/m.exec(app.said()) ?? []
  expect(shown).toMatch(/^[\w-]{12}$/)
  const alice = await signedIn(app.url, 'alice', shown)
  await alice.get('/')
  expect(await app.stop()).toBe(0)

  const names = readdirSync(app.folder)
  expect(names).toContain('vault.key')
  expect(statSync(join(app.folder, 'vault.key')).mode & 0o777).toBe(0o600)
  for (const name of names.filter((each) => each !== 'vault.key')) {
    const bytes = readFileSync(join(app.folder, name))
    for (const secret of [shown, app.token('alice')]) expect(bytes.includes(secret)).toBe(false)
  }
  const again = await startApp({ DATA_FOLDER: app.folder, ALICE_PASSWORD: '', BOB_PASSWORD: '' })
  expect(again.said()).toMatch(/^Listening at \S+$/)
  await signedIn(again.url, 'alice', shown)
})
