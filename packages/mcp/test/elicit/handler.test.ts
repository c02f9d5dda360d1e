// The page that collects a secret: who may open it, what it takes, and that each link works once.
import { isVaultError, memoryStore, VaultError } from '@mcpvault/core'
import { interceptStore } from '@mcpvault/core/testing'
import { describe, expect, it } from 'vitest'
import { elicitSecrets } from '../../src/elicit/index.ts'
import { baseUrl, canary, csrfIn, type ElicitWorld, elicitWorld } from '../support/elicit-world.ts'

describe('a link', () => {
  it('opens the form for its user, stores what is typed, and works once', async () => {
    const world = elicitWorld()
    const url = await world.link()
    const page = await world.open(url)
    expect(page.status).toBe(200)
    expect(page.text).toContain('<bdi>token</bdi> for <bdi>issues</bdi>')
    expect(page.text).toContain('signed in as <bdi>alice</bdi>')
    const sent = await world.send(url, { '0.value': canary })
    expect(sent).toMatchObject({ status: 200, text: expect.stringContaining('<h1>Stored</h1>') })
    expect(sent.text).not.toContain(canary)
    expect(await world.stored()).toBe(canary)
    expect((await world.open(url)).status).toBe(410)
    expect((await world.send(url, { '0.value': 'another' }, { csrf: csrfIn(page.text) })).status).toBe(410)
    expect(await world.stored()).toBe(canary)
  })

  it('holds nothing that can be read, and nothing of a value', async () => {
    const world = elicitWorld()
    const url = await world.link()
    const bytes = Buffer.from(url.split('/').at(-1) ?? '', 'base64url').toString('latin1')
    for (const word of ['alice', 'token', 'issues']) expect(`${url}${bytes}`).not.toContain(word)
    expect(await world.link()).not.toBe(url)
  })

  it('takes one of many forms that come at a time', async () => {
    const world = elicitWorld()
    const url = await world.link()
    const csrf = csrfIn((await world.open(url)).text)
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) => world.send(url, { '0.value': `value ${index}` }, { csrf })),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array.from({ length: 9 }, () => 410)])
    expect((await world.vault.as({ id: 'alice' }).scope({ server: 'issues' }).describe('token'))?.version).toBe(1)
  })

  it('works in another process, and is used there too', async () => {
    const world = elicitWorld()
    const url = await world.link()
    const csrf = csrfIn((await world.open(url)).text)
    const other = world.again()
    const init = { method: 'POST', headers: { 'x-user': 'alice' } }
    const body = (): URLSearchParams => new URLSearchParams({ '0.value': canary, csrf })
    expect((await other.handler(new Request(url, { ...init, body: body() }))).status).toBe(200)
    expect((await world.open(url, 'alice', { method: 'POST', body: body() })).status).toBe(410)
  })

  it('ends with its time, and the record of its use an hour later', async () => {
    const world = elicitWorld()
    const [first, second] = [await world.link(), await world.link('alice', ['other'])]
    await world.send(second, { '0.value': canary })
    world.clock.advance(600_000)
    const late = await world.open(first)
    expect(late).toMatchObject({ status: 410, text: expect.stringContaining('has expired') })
    world.clock.advance(3_600_000)
    await world.send(await world.link(), { '0.value': canary })
    const used = world.vault.as({ id: 'mcpvault-elicitation' }).scope({ server: 'elicitation-used' })
    expect((await used.list({ state: 'any' })).items).toHaveLength(1)
  })

  it('is for the user of the call alone, who is found in the browser', async () => {
    const world = elicitWorld()
    const url = await world.link()
    const csrf = csrfIn((await world.open(url)).text)
    const seen = await world.open(url, 'bob')
    expect(seen.status).toBe(403)
    for (const word of ['alice', 'token', 'issues']) expect(seen.text).not.toContain(word)
    const sent = await world.send(url, { '0.value': canary }, { user: 'bob', csrf })
    expect(sent.status).toBe(403)
    expect((await world.open(url, '')).status).toBe(401)
    expect(await world.stored()).toBeUndefined()
    world.clock.advance(600_000)
    expect(await world.open(url, 'bob')).toMatchObject({ status: 403, text: seen.text })
  })

  it('sends somebody who is not signed in to the sign-in', async () => {
    const world = elicitWorld({ signInUrl: (url) => `https://app.example.com/sign-in?to=${encodeURIComponent(url)}` })
    const url = await world.link()
    const answer = await world.open(url, '')
    expect(answer.status).toBe(303)
    expect(answer.headers.get('location')).toBe(`https://app.example.com/sign-in?to=${encodeURIComponent(url)}`)
  })

  it.each([
    ['a changed letter', (url: string) => url.replace(/.(?=.{20}$)/, (letter) => (letter === 'A' ? 'B' : 'A'))],
    ['a cut end', (url: string) => url.slice(0, -4)],
    ['another last letter', (url: string) => `${url.slice(0, -1)}${nextLetter(url.slice(-1))}`],
    ['random bytes', () => `${baseUrl}/${'Ab3_'.repeat(60)}`],
    ['nothing', () => `${baseUrl}/`],
    ['a very long text', () => `${baseUrl}/${'A'.repeat(20_000)}`],
  ])('is none with %s', async (_, change) => {
    const world = elicitWorld()
    const url = await world.link()
    expect((await world.open(change(url))).status).toBe(404)
  })

  it('of another vault is none', async () => {
    expect((await elicitWorld().open(await elicitWorld().link())).status).toBe(404)
  })

  it('reads nothing from the vault for somebody who is not signed in', async () => {
    const world = elicitWorld()
    await world.open(`${baseUrl}/${'Ab3_'.repeat(60)}`, '')
    const keys = world.vault.as({ id: 'mcpvault-elicitation' }).scope({ server: 'elicitation' })
    expect(await keys.describe('link-key')).toBeUndefined()
  })
})

describe('a form', () => {
  const refused = [
    ['without the token of the page', {}, 403, { csrf: '' }],
    ['with a token that is not its own', {}, 403, { csrf: 'A'.repeat(43) }],
    ['of another site', { 'sec-fetch-site': 'cross-site' }, 403, {}],
    ['of another host of the site', { 'sec-fetch-site': 'same-site' }, 403, {}],
    ['of another origin', { origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' }, 403, {}],
    ['as JSON', { 'content-type': 'application/json' }, 415, {}],
    ['as plain text', { 'content-type': 'text/plain' }, 415, {}],
  ] as const

  it.each(refused)('%s is refused', async (_, headers, status, options) => {
    const world = elicitWorld()
    const url = await world.link()
    expect((await world.send(url, { '0.value': canary }, { ...options, headers })).status).toBe(status)
    expect(await world.stored()).toBeUndefined()
    expect((await world.open(url)).status).toBe(200)
  })

  it('with the token of another link, or of another user, is refused', async () => {
    const world = elicitWorld()
    const [first, second] = [await world.link(), await world.link()]
    const csrf = csrfIn((await world.open(second)).text)
    expect((await world.send(first, { '0.value': canary }, { csrf })).status).toBe(403)
    const ofBob = csrfIn((await world.open(await world.link('bob'), 'bob')).text)
    expect((await world.send(first, { '0.value': canary }, { csrf: ofBob })).status).toBe(403)
  })

  it('of a browser that sends no referrer is taken: its origin is null', async () => {
    const world = elicitWorld()
    const url = await world.link()
    expect((await world.send(url, { '0.value': canary }, { headers: { origin: 'null' } })).status).toBe(200)
  })

  it('whose browser says neither where it comes from nor from which site is taken, and with a null origin alone refused', async () => {
    const world = elicitWorld()
    const url = await world.link()
    const csrf = csrfIn((await world.open(url)).text)
    const init = (): RequestInit => ({ method: 'POST', body: new URLSearchParams({ '0.value': canary, csrf }) })
    expect((await world.open(url, 'alice', { ...init(), headers: { origin: 'null' } })).status).toBe(403)
    expect((await world.open(url, 'alice', init())).status).toBe(200)
  })

  it('that is too large is refused, said or not', async () => {
    const world = elicitWorld()
    const url = await world.link()
    const large = { '0.value': 'x'.repeat(2_200_000) }
    expect((await world.send(url, large)).status).toBe(413)
    expect((await world.send(url, { '0.value': 'x'.repeat(66_000) })).status).toBe(422)
  })

  it.each(['PUT', 'PATCH', 'DELETE', 'OPTIONS'])('sent by %s is none', async (method) => {
    const world = elicitWorld()
    const answer = await world.open(await world.link(), 'alice', { method })
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD, POST'])
  })
})

describe('a vault that fails', () => {
  it.each(['before', 'after'] as const)('%s any of its operations stores all or says that it did not', async (mode) => {
    /** The statuses of a form and of the same form once more, and what is stored then. */
    const run = async (failAt: number) => {
      let operations = Number.NEGATIVE_INFINITY
      const store = interceptStore(memoryStore(), async ({ run: pass }) => {
        operations += 1
        const result = operations === failAt && mode === 'before' ? undefined : await pass()
        if (operations === failAt) throw new VaultError('VAULT_STORE_FAILED', { retryable: true })
        return result
      })
      const world = elicitWorld({}, store)
      const url = await world.link()
      const csrf = csrfIn((await world.open(url)).text)
      const send = () =>
        world.open(url, 'alice', { method: 'POST', body: new URLSearchParams({ '0.value': canary, csrf }) })
      operations = 0
      const first = await send()
      const count = operations
      operations = Number.NEGATIVE_INFINITY
      const second = await send()
      return { count, statuses: [first.status, second.status], value: await world.stored() }
    }
    const { count } = await run(0)
    expect(count).toBeGreaterThan(10)
    const seen = new Set<string>()
    for (let failAt = 1; failAt <= count; failAt++) {
      const { statuses, value } = await run(failAt)
      if (statuses.includes(200)) expect(value).toBe(canary)
      seen.add(statuses.join())
    }
    // Stored at once; stored by the second form; used up, which the user gets a new link for.
    expect([...seen].filter((each) => !['200,410', '503,200', '503,410'].includes(each))).toEqual([])
    expect(seen).toContain('503,200')
  })

  it('shows the error to the host, and nothing of it to the browser', async () => {
    const errors: unknown[] = []
    const world = elicitWorld({ onError: (error) => void errors.push(error) })
    const url = await world.link()
    await world.vault.close()
    const answer = await world.open(url)
    expect(answer.status).toBe(500)
    expect(answer.text).not.toContain('VAULT_')
    expect(errors.map((error) => isVaultError(error, 'VAULT_CLOSED'))).toEqual([true])
  })
})

describe('what the host gives', () => {
  it('may fail to take an error, and the browser gets its answer', async () => {
    const world = elicitWorld({
      onError: () => {
        throw new Error('no log')
      },
    })
    const url = await world.link()
    await world.vault.close()
    expect((await world.open(url)).status).toBe(500)
  })

  it.each([null, undefined, {}, { id: '' }, { id: 7 }, 'alice'])('for nobody may be %j', async (nobody) => {
    const world = elicitWorld({ principalOfBrowser: () => nobody as never })
    expect((await world.open(await world.link())).status).toBe(401)
  })
})

describe('an option', () => {
  const vault = (): ElicitWorld['vault'] => elicitWorld().vault
  const options = { principalOfBrowser: () => undefined, baseUrl }

  it.each(['https://app.example.com', 'http://localhost:8080/connect/', 'http://127.0.0.1', 'http://[::1]:1'])(
    '[S40] baseUrl may be %s',
    (url) => {
      expect(elicitSecrets({ ...options, vault: vault(), baseUrl: url })).toBeDefined()
    },
  )

  it.each(['http://app.example.com', 'http://localhost.example.com', 'ftp://localhost', 'app.example.com', ''])(
    '[S40] baseUrl must not be %s, over which a secret could be read',
    (url) => {
      expect(codeOf({ baseUrl: url })).toEqual(['VAULT_CONFIG_INVALID', 'baseUrl'])
    },
  )

  it.each([
    [{ baseUrl: 'https://me:pw@app.example.com' }, 'baseUrl'],
    [{ baseUrl: 'https://app.example.com/?a=b' }, 'baseUrl'],
    [{ ttlMs: 9_999 }, 'ttlMs'],
    [{ waitMs: -1 }, 'waitMs'],
    [{ presets: { 'issues/token': 'no-such-preset' } }, 'presets.issues/token'],
  ])('%j is refused by name', (given, field) => {
    expect(codeOf(given)).toEqual(['VAULT_CONFIG_INVALID', field])
  })

  function codeOf(given: object): readonly unknown[] {
    try {
      elicitSecrets({ ...options, vault: vault(), ...given })
      return []
    } catch (error) {
      return isVaultError(error) ? [error.code, error.field] : [error]
    }
  }
})

function nextLetter(letter: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return alphabet.charAt((alphabet.indexOf(letter) + 1) % 64)
}
