// The typed client by itself: what it sends for each call, and what becomes of the answer.
import { describe, expect, it } from 'vitest'
import { isVaultHttpError, type VaultClient, vaultClient } from '../../src/client/index.ts'

interface Seen {
  readonly method: string
  readonly url: string
  readonly headers: Headers
  readonly body: string | undefined
}

function clientWith(answer: () => Response | Promise<Response>): { client: VaultClient; seen: Seen[] } {
  const seen: Seen[] = []
  const client = vaultClient({
    baseUrl: 'https://app.test/vault/',
    fetch: async (url, { method = '', headers, body }) => {
      seen.push({ method, url, headers: new Headers(headers), body: typeof body === 'string' ? body : undefined })
      return answer()
    },
  })
  return { client, seen }
}

const success = (data: unknown) => () => Response.json({ success: true, data })
const token = { server: 'github', name: 'token' }

describe('the client', () => {
  it('addresses a secret by its parts, each encoded', async () => {
    const { client, seen } = clientWith(success({ changed: true }))
    await client.activate({ server: 'io.github/a b', name: 'ü%2F', owner: 'auth0|1' })
    expect(seen[0]?.url).toBe(
      'https://app.test/vault/api/v1/secrets/io.github%2Fa%20b/%C3%BC%252F/activate?owner=auth0%7C1',
    )
  })

  it.each(['.', '..', ''])('refuses the part %j, which an address cannot carry', async (name) => {
    const { client, seen } = clientWith(success({}))
    await expect(client.describe({ server: 'github', name })).rejects.toThrow(TypeError)
    expect(seen).toEqual([])
  })

  it('puts the guard of a write into its headers and body', async () => {
    const { client, seen } = clientWith(success({}))
    await client.set(token, { value: 'v' }, { ifRevision: 7 })
    await client.set(token, { value: 'v' }, { ifRevision: 0 })
    await client.set(token, { value: 'v' }, { ifVersion: 3 })
    await client.delete(token, { ifRevision: 9 })
    expect(seen.map(({ headers }) => headers.get('if-match'))).toEqual(['"7"', null, null, '"9"'])
    expect(seen.map(({ headers }) => headers.get('if-none-match'))).toEqual([null, '*', null, null])
    expect(seen.map(({ body }) => body)).toEqual([
      '{"value":"v"}',
      '{"value":"v"}',
      '{"value":"v","ifVersion":3}',
      undefined,
    ])
  })

  it('repeats a filter that has several values', async () => {
    const { client, seen } = clientWith(success({ items: [], cursor: null }))
    await client.list({ tag: ['a', 'b'], limit: 5, shared: true, type: undefined })
    expect(seen[0]?.url).toBe('https://app.test/vault/api/v1/secrets?tag=a&tag=b&limit=5&shared=true')
  })

  it('throws what the API said', async () => {
    const error = { code: 'HTTP_RATE_LIMITED', message: 'Too many.', field: 'x', correlationId: 'c-1' }
    const { client } = clientWith(() =>
      Response.json({ success: false, error }, { status: 429, headers: { 'retry-after': '12' } }),
    )
    const thrown: unknown = await client.reveal(token).catch((reason: unknown) => reason)
    expect(isVaultHttpError(thrown)).toBe(true)
    expect(thrown).toMatchObject({ status: 429, ...error, retryAfterMs: 12_000 })
  })

  it.each([
    ['a page of a proxy', () => new Response('<h1>Bad gateway</h1>', { status: 502 }), 502, 'HTTP_NOT_THE_API'],
    ['a page where JSON was due', () => new Response('<h1>Sign in</h1>'), 0, 'HTTP_NO_ANSWER'],
    ['JSON of somebody else', () => Response.json([1]), 200, 'HTTP_NOT_THE_API'],
    ['an error that is none', () => Response.json({ error: null }, { status: 500 }), 500, 'HTTP_NOT_THE_API'],
    ['an error that is a text', () => Response.json({ error: 'no' }, { status: 403 }), 403, 'HTTP_NOT_THE_API'],
    ['an error without words', () => Response.json({ error: { code: 7 } }, { status: 400 }), 400, 'HTTP_NOT_THE_API'],
    ['no answer', () => Promise.reject(new TypeError('fetch failed')), 0, 'HTTP_NO_ANSWER'],
  ])('says of %s that the API did not answer', async (_, answer, status, code) => {
    const { client } = clientWith(answer)
    await expect(client.me()).rejects.toMatchObject({ name: 'VaultHttpError', status, code })
  })

  it('rejects with the reason of its signal', async () => {
    const { client } = clientWith(() => Promise.reject(new Error('aborted')))
    const signal = AbortSignal.abort(new RangeError('enough'))
    await expect(client.me({ signal })).rejects.toThrow(RangeError)
  })

  it('gives the health of a vault that is not well', async () => {
    const { client } = clientWith(() => Response.json({ success: true, data: { ok: false } }, { status: 503 }))
    expect(await client.health()).toEqual({ ok: false })
  })
})
