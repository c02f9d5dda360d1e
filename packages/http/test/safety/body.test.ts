// Bodies, paths and methods that somebody sends to break in or to wear the server out.
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { canary, createHost, type Host, type SendInit } from '../support/host.ts'

let host: Host
const limits = { bodyBytes: 4_096, revealsPerMinute: 3 }
beforeEach(() => {
  host = createHost({ handler: { limits } })
})
afterEach(() => host.vault.close())

const path = '/api/v1/secrets/github/token'

async function put(init: SendInit): Promise<{ status: number; error: unknown }> {
  const response = await host.send('owner', 'PUT', path, init)
  const { error }: { error?: unknown } = JSON.parse(await response.text())
  return { status: response.status, error }
}

function stream(next: (turn: number) => Promise<string | undefined> | string | undefined): ReadableStream<Uint8Array> {
  let turn = 0
  return new ReadableStream({
    async pull(controller) {
      const text = await next(turn++)
      if (text === undefined) controller.close()
      else controller.enqueue(new TextEncoder().encode(text))
    },
  })
}

describe('a body', () => {
  it.each([
    ['text/plain', 415],
    ['application/x-www-form-urlencoded', 415],
    ['multipart/form-data; boundary=x', 415],
    ['text/json', 415],
    ['application/json-patch+json', 415],
    ['application/jsonp', 415],
    ['', 415],
    ['application/json, text/plain', 415],
    ['application/json; charset=utf-16', 415],
    ['application/json; charset=utf-8x', 415],
    ['application/json; charset=utf-8; charset=utf-16', 415],
    ['application/json;', 415],
    ['application/json ; charset=utf-8', 415],
    ['application/json; a.b=c', 415],
    ['application/json; charset=utf-8', 201],
    ['application/json;charset="UTF-8"', 201],
    ['application/json; profile=x; charset=utf-8', 201],
    ['Application/JSON', 201],
  ])('of the type %j gets %i', async (type, status) => {
    expect((await put({ body: '{"value":"v"}', headers: { 'content-type': type } })).status).toBe(status)
  })

  it.each([
    ['that is compressed', { body: 'x', headers: { 'content-encoding': 'gzip' } }, 415, 'HTTP_UNSUPPORTED_TYPE'],
    ['that says it is too large', { body: '{}', headers: { 'content-length': '10000000' } }, 413, 'HTTP_TOO_LARGE'],
    ['that is too large', { body: `"${'x'.repeat(5_000)}"` }, 413, 'HTTP_TOO_LARGE'],
    [
      'of 10 MB in parts',
      { body: stream((turn) => (turn < 10_000 ? 'x'.repeat(1_000) : undefined)) },
      413,
      'HTTP_TOO_LARGE',
    ],
    ['that never comes', { body: stream(() => new Promise(() => undefined)) }, 408, 'HTTP_TIMEOUT'],
    [
      'that never ends',
      { body: stream((turn) => (turn === 0 ? '{"value":' : new Promise(() => undefined))) },
      408,
      'HTTP_TIMEOUT',
    ],
    [
      'that breaks off',
      { body: stream((turn) => (turn === 0 ? '{' : Promise.reject(new Error(canary)))) },
      500,
      'HTTP_INTERNAL',
    ],
    ['that is no JSON', { body: `{"value":${canary}` }, 400, 'HTTP_INVALID'],
    ['that is empty', { body: '' }, 400, 'HTTP_INVALID'],
    ['that is null', { json: null }, 400, 'HTTP_INVALID'],
    ['that is a list', { json: [{ value: canary }] }, 400, 'HTTP_INVALID'],
    ['that is a text', { json: canary }, 400, 'HTTP_INVALID'],
    ['that is nested without end', { body: `{"value":${'['.repeat(2_000)}` }, 400, 'HTTP_INVALID'],
    ['that is nested deep', { body: `{"value":${'['.repeat(1_500)}${']'.repeat(1_500)}}` }, 400, 'HTTP_INVALID'],
    ['with an unknown field', { json: { value: 'v', owner: 'admin' } }, 400, 'HTTP_INVALID'],
    ['with a value for a name', { json: { value: 'v', [canary]: 1 } }, 400, 'HTTP_INVALID'],
    ['with __proto__', { body: '{"value":"v","__proto__":{"tier":1}}' }, 400, 'HTTP_INVALID'],
    ['with __proto__ spelt otherwise', { body: '{"value":"v","\\u005f_proto__":{"tier":1}}' }, 400, 'HTTP_INVALID'],
    ['with __proto__ in a value', { body: '{"value":{"__proto__":"x","a":"b"}}' }, 400, 'HTTP_INVALID'],
    ['with constructor', { json: { value: 'v', constructor: { prototype: {} } } }, 400, 'HTTP_INVALID'],
    ['with a prototype that is no object', { body: '{"value":"v","prototype":1}' }, 400, 'HTTP_INVALID'],
    ['with a lone surrogate', { body: '{"value":"\\ud800"}' }, 400, 'VAULT_VALUE_INVALID'],
    ['with an operator for a value', { json: { value: { $ne: 1 } } }, 400, 'HTTP_INVALID'],
    ['with a number for a value', { json: { value: 7 } }, 400, 'HTTP_INVALID'],
    [
      'with an expiry that is past',
      { json: { value: canary, expiresAt: '2001-01-01T00:00:00Z' } },
      400,
      'VAULT_VALUE_INVALID',
    ],
    ['with bytes that are no base64', { json: { value: `${canary}!`, encoding: 'bytes' } }, 400, 'HTTP_INVALID'],
    ['with an encoding that does not fit', { json: { value: canary, encoding: 'fields' } }, 400, 'HTTP_INVALID'],
    [
      'whose description has the value',
      { json: { value: canary, description: `it is ${canary}` } },
      400,
      'VAULT_VALUE_INVALID',
    ],
  ])('%s is refused, and not repeated', async (_, init, status, code) => {
    if (code === 'HTTP_TIMEOUT') {
      await host.vault.close()
      host = createHost({ handler: { limits: { ...limits, bodyMs: 40 } } })
    }
    const found = await put(init)
    expect(found).toMatchObject({ status, error: { code } })
    expect(JSON.stringify([found, host.logged])).not.toContain(canary)
    await expect(host.client('owner').describe({ server: 'github', name: 'token' })).rejects.toMatchObject({
      status: 404,
    })
  })

  it('that is not UTF-8 is refused', async () => {
    const bytes = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new Uint8Array([0x22, 0xff, 0x22]))
        controller.close()
      },
    })
    expect(await put({ body: bytes })).toMatchObject({ status: 400, error: { code: 'HTTP_INVALID' } })
  })

  it('that leaves Object.prototype as it was', async () => {
    await put({ body: '{"value":{"constructor":"a","toString":"b"},"tags":[]}' })
    expect(await host.client('owner').reveal({ server: 'github', name: 'token' })).toMatchObject({
      value: { constructor: 'a', toString: 'b' },
    })
    expect(Object.hasOwn(Object.prototype, 'tier')).toBe(false)
  })

  it('names the field at fault', async () => {
    const field = async (json: object): Promise<unknown> => {
      const { error } = await put({ json })
      return typeof error === 'object' && error !== null && 'field' in error ? error.field : undefined
    }
    expect(await field({ value: 'v', tier: 4 })).toBe('tier')
    expect(await field({ value: 'v', tags: [1] })).toBe('tags')
    expect(await field({ value: 'v', expiresAt: 'tomorrow' })).toBe('expiresAt')
    expect(await field({ value: 'v', ifRevision: -1 })).toBe('ifRevision')
    expect(await field({ value: 'v', type: 'other' })).toBe('type')
    expect(await field({ tier: 1 })).toBe('value')
    expect(await field({ value: 'v', nope: 1 })).toBe('nope')
  })
})

describe('a header of a condition', () => {
  it.each([
    [{ 'if-match': '*' }, 'ifMatch'],
    [{ 'if-match': '7' }, 'ifMatch'],
    [{ 'if-match': '"7", "8"' }, 'ifMatch'],
    [{ 'if-match': '"-7"' }, 'ifMatch'],
    [{ 'if-none-match': '"7"' }, 'ifNoneMatch'],
    [{ 'if-match': '"7"', 'if-none-match': '*' }, 'ifRevision'],
  ])('%j is refused', async (headers, field) => {
    expect(await put({ json: { value: 'v' }, headers })).toMatchObject({ status: 400, error: { field } })
  })

  it('and a body that say something else are refused', async () => {
    const sent = { json: { value: 'v', ifRevision: 8 }, headers: { 'if-match': '"7"' } }
    expect(await put(sent)).toMatchObject({ status: 400, error: { field: 'ifRevision' } })
  })

  it('holds also when a proxy made the ETag weak', async () => {
    const created = await host.send('owner', 'PUT', path, { json: { value: 'v' } })
    const etag = created.headers.get('etag')
    expect(etag).toMatch(/^"\d+"$/)
    expect((await put({ json: { value: 'w' }, headers: { 'if-match': `W/${etag}` } })).status).toBe(200)
    expect((await put({ json: { value: 'x' }, headers: { 'if-match': `${etag}` } })).status).toBe(412)
  })
})

describe('a path', () => {
  it.each([
    ['a slash', 'io.github.acme/files', 'a b'],
    ['percent signs', '100%', '%2F%25'],
    ['another alphabet', 'сервер', 'naïve-名前-🔑'],
    ['what a URL would cut', 'a?b#c', 'x?y#z&q=1;v'],
    ['what a shell would run', '$(id)`id`', "'; DROP TABLE secrets; --"],
    ['markup', '<script>alert(1)<', '<img src=x onerror=alert(1)>'],
    ['text that runs from right to left', 'server', '\u202egnp.txt'],
    ['256 bytes', 's'.repeat(256), 'n'.repeat(256)],
    ['names of an object', 'constructor', '__proto__'],
    ['a dot at its end', 'server.', '...'],
  ])('[S43] carries %s, and gives it back as data', async (_, server, name) => {
    const client = host.client('owner')
    const created = await client.set({ server, name }, { value: 'v', description: `<b>${name.slice(0, 20)}</b>` })
    expect(created).toMatchObject({ server, name })
    expect((await client.list()).items).toEqual([created])
    expect(await client.reveal({ server, name })).toMatchObject({ value: 'v' })
    const response = await host.send('owner', 'GET', '/api/v1/secrets')
    expect(response.headers.get('content-type')).toContain('application/json')
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  })

  it.each([
    ['encoding that is none', '/api/v1/secrets/github/%zz', 400],
    ['bytes that are no text', '/api/v1/secrets/github/%ff', 400],
    ['an encoded slash in a name', '/api/v1/secrets/github/a%2Fb', 400],
    ['a NUL', '/api/v1/secrets/github/a%00b', 400],
    ['257 bytes', `/api/v1/secrets/github/${'n'.repeat(257)}`, 400],
    ['257 bytes of another alphabet', `/api/v1/secrets/github/${encodeURIComponent('ü'.repeat(129))}`, 400],
    ['dots that lead out', '/api/v1/secrets/github/..%2f..%2faudit', 400],
    ['no name', '/api/v1/secrets/github/', 404],
    ['no server', '/api/v1/secrets//token', 404],
    ['a slash at its end', '/api/v1/me/', 404],
    ['a double slash', '//api/v1/me', 404],
    ['another case', '/API/V1/me', 404],
    ['nothing of ours', '/api/v1/../../../etc/passwd', 404],
    ['an unknown filter', '/api/v1/secrets?owners=admin', 400],
    ['a filter twice', '/api/v1/secrets?q=a&q=b', 400],
    ['a filter of a prototype', '/api/v1/secrets?__proto__=1', 400],
    ['an empty filter', '/api/v1/secrets?limit=', 400],
    ['a cursor of nobody', '/api/v1/secrets?cursor=AAAA', 400],
    ['an owner without a server', '/api/v1/secrets?owner=admin', 400],
    ['no path below the base', '/../vaulted/api/v1/me', 404],
  ])('with %s is refused', async (_, given, status) => {
    const response = await host.send('owner', 'GET', given)
    expect({ status: response.status, body: JSON.parse(await response.text()) }).toMatchObject({
      status,
      body: { success: false, error: { code: expect.stringMatching(/^(HTTP|VAULT)_/) } },
    })
  })
})

describe('a method', () => {
  it.each([
    ['POST', '/api/v1/secrets/github/token', 'GET, PUT, PATCH, DELETE'],
    ['GET', '/api/v1/secrets/github/token/reveal', 'POST'],
    ['HEAD', '/api/v1/secrets/github/token/reveal', 'POST'],
    ['OPTIONS', '/api/v1/secrets/github/token/reveal', 'POST'],
    ['PUT', '/api/v1/me', 'GET'],
    ['PROPFIND', '/api/v1/me', 'GET'],
  ])('%s of %s is refused', async (method, given, allow) => {
    const response = await host.send('owner', method, given)
    expect({ status: response.status, allow: response.headers.get('allow') }).toEqual({ status: 405, allow })
  })

  it.each(['x-http-method-override', 'x-method-override', 'x-http-method'])('is not changed by %s', async (name) => {
    const client = host.client('owner')
    await client.set({ server: 'github', name: 'token' }, { value: 'v' })
    const response = await host.send('owner', 'GET', `${path}?_method=DELETE`, { headers: { [name]: 'DELETE' } })
    expect(response.status).toBe(400)
    expect((await host.send('owner', 'GET', path, { headers: { [name]: 'DELETE' } })).status).toBe(200)
    expect(await client.describe({ server: 'github', name: 'token' })).toMatchObject({ version: 1 })
  })

  it('HEAD answers as GET without a body', async () => {
    const response = await host.send('owner', 'HEAD', '/api/v1/me')
    expect({ status: response.status, text: await response.text() }).toEqual({ status: 200, text: '' })
  })
})

describe('reveals', () => {
  const token = { server: 'github', name: 'token' }

  it('are limited for each principal, also those that find nothing', async () => {
    const owner = host.client('owner')
    await owner.set(token, { value: 'v' })
    await owner.share(token, { with: 'reader', permission: 'read' })
    await owner.reveal(token)
    await expect(owner.reveal({ ...token, name: 'absent' })).rejects.toMatchObject({ status: 404 })
    await owner.reveal(token)
    const refused = await owner.reveal(token).catch((error: unknown) => error)
    expect(refused).toMatchObject({ status: 429, code: 'HTTP_RATE_LIMITED', retryAfterMs: expect.any(Number) })
    expect(await host.client('reader').reveal({ ...token, owner: 'owner' })).toMatchObject({ value: 'v' })
    expect(await owner.describe(token)).toMatchObject({ version: 1 })
  })

  it('are refused when the limiter of several processes does not answer', async () => {
    const revealLimiter = { consume: () => Promise.reject(new Error('connection lost')) }
    const down = createHost({ handler: { revealLimiter } })
    await down.client('owner').set(token, { value: canary })
    await expect(down.client('owner').reveal(token)).rejects.toMatchObject({ status: 503, code: 'HTTP_LIMITER_FAILED' })
    await down.vault.close()
  })

  it('are refused when that limiter waits for its connection without end', async () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    let isAsked = (): void => undefined
    const asked = new Promise<void>((resolve) => {
      isAsked = resolve
    })
    const consume = (): Promise<never> => {
      isAsked()
      return new Promise(() => undefined)
    }
    const waiting = createHost({ handler: { revealLimiter: { consume } } })
    const answer = waiting.client('owner').reveal(token)
    const refused = expect(answer).rejects.toMatchObject({ status: 503, code: 'HTTP_LIMITER_FAILED' })
    await asked
    await vi.advanceTimersByTimeAsync(5_000)
    await refused
    vi.useRealTimers()
    await waiting.vault.close()
  })

  it('are kept by nobody', async () => {
    await host.client('owner').set(token, { value: 'v' })
    const response = await host.send('owner', 'POST', `${path}/reveal`, { json: {} })
    expect(response.headers.get('cache-control')).toBe('no-store')
  })
})
