// What a server, or something before it, may answer to the source of an import; and options that cannot be used.
import { isVaultError } from '@mcpvault/core'
import { codeOf } from '@mcpvault/testkit/vaults'
import { describe, expect, it } from 'vitest'
import { kvEngine } from '../src/kv/engine.ts'
import { type KvOptions, type KvSecret, kvSecrets } from '../src/kv/index.ts'
import { parseKvOptions } from '../src/kv/options.ts'
import { walk } from '../src/kv/walk.ts'
import { requestSender } from '../src/requests.ts'
import { allOf } from './support/setting.ts'

const url = 'https://vault.example.com'
const token = 'a-token-that-is-secret'

type Answer = (asked: URL, init: RequestInit | undefined) => Response | Promise<Response>

const json = (body: unknown, status = 200): Response => Response.json(body, { status })
const keysOf = (keys: unknown): Response => json({ data: { keys } })
const secretOf = (data: unknown, metadata: object = { version: 1 }): Response => json({ data: { data, metadata } })

/** The secrets that come of these answers, without real waits. */
async function given(
  answer: Answer,
  { wait = async () => {}, ...more }: Partial<KvOptions> & { wait?: () => Promise<void> } = {},
) {
  const fetch: typeof globalThis.fetch = async (input, init) => answer(new URL(String(input)), init)
  const settings = parseKvOptions({ url, token, fetch, ...more })
  const send = requestSender(settings, { monotonicMs: () => 0 })
  return allOf<KvSecret>(walk(kvEngine(settings, { send, wait }), settings.root))
}

const isList = (asked: URL): boolean => asked.searchParams.get('list') === 'true'

describe('the answers', () => {
  it('go to requests that carry the token and the namespace, and follow no redirect', async () => {
    const sent: (readonly [string, RequestInit | undefined])[] = []
    await given(
      (asked, init) => {
        sent.push([asked.pathname, init])
        return isList(asked) ? keysOf(['a']) : secretOf({ value: 'x' })
      },
      { namespace: 'team/a', mount: 'apps/kv', path: 'in here' },
    )
    expect(sent.map(([path]) => path)).toEqual(['/v1/apps/kv/metadata/in%20here/', '/v1/apps/kv/data/in%20here/a'])
    for (const [, init] of sent) {
      expect(init).toMatchObject({ method: 'GET', redirect: 'manual' })
      expect(init?.headers).toMatchObject({ 'x-vault-token': token, 'x-vault-namespace': 'team/a' })
    }
  })

  it('may have all keys at once, from a server that knows no pages', async () => {
    for (const length of [1_000, 1_500]) {
      const keys = Array.from({ length }, (_, index) => `k${index}`)
      let reads = 0
      const all = await given((asked) => {
        if (isList(asked)) return keysOf(keys)
        reads += 1
        return secretOf({ value: 'x' })
      })
      expect(all).toHaveLength(length)
      expect(reads).toBe(length)
    }
  })

  it('may have no end, which is found', async () => {
    let page = 0
    const endless: Answer = () => {
      page += 1
      // None of them can be asked for.
      return keysOf(Array.from({ length: 1_000 }, (_, index) => `x/${page}-${index}`))
    }
    await expect(given(endless)).rejects.toMatchObject({ code: 'VAULT_NOT_SUPPORTED', field: 'path' })
    expect(page).toBe(101)
  })

  it('may have folders in folders, which are followed 32 deep', async () => {
    const all = await given((asked) => (isList(asked) ? keysOf(['deeper/']) : json({}, 404)))
    expect(all).toMatchObject([{ path: 'deeper/'.repeat(32), refused: { code: 'VAULT_NOT_SUPPORTED' } }])
  })

  it.each(['..', '.', '../', './', '/', 'a/b', '\ud800', '\udc00/'])(
    'may have a key that cannot be asked for: %j',
    async (key) => {
      const asked: string[] = []
      const all = await given(({ pathname }) => {
        asked.push(pathname)
        return json({ data: { keys: [key] } })
      })
      expect(all).toEqual([{ name: key, path: key, refused: expect.objectContaining({ code: 'VAULT_REF_INVALID' }) }])
      expect(asked).toEqual(['/v1/secret/metadata/'])
    },
  )

  it.each([
    ['a page of a proxy', () => new Response('<html>')],
    ['no keys', () => json({ data: {} })],
    ['keys that are no texts', () => keysOf(['a', 7])],
    ['no data', (asked: URL) => (isList(asked) ? keysOf(['a']) : json({ data: { metadata: { version: 1 } } }))],
    ['a list of data', (asked: URL) => (isList(asked) ? keysOf(['a']) : secretOf([]))],
    ['no version', (asked: URL) => (isList(asked) ? keysOf(['a']) : secretOf({ a: 'b' }, {}))],
    ['another version', (asked: URL) => (isList(asked) ? keysOf(['a']) : secretOf({ a: 'b' }, { version: '1' }))],
  ] satisfies readonly (readonly [string, Answer])[])('with %s are not of the engine', async (_, answer) => {
    await expect(given(answer)).rejects.toMatchObject({ code: 'VAULT_CONFIG_INVALID', field: 'mount' })
  })

  it.each([
    ['a number that JSON has changed', 0.1],
    ['a number that is too large', 2 ** 53],
    ['null', null],
    ['a list', ['a']],
    ['an object', { a: 'b' }],
  ])('with %s are refused by name', async (_, value) => {
    const all = await given((asked) => (isList(asked) ? keysOf(['a', 'b']) : secretOf({ ok: 'x', value })))
    expect(all.map(({ name, refused }) => [name, refused?.code])).toEqual([
      ['a', 'VAULT_VALUE_INVALID'],
      ['b', 'VAULT_VALUE_INVALID'],
    ])
  })

  it('keep a field of any name, and no description that is none', async () => {
    const data = JSON.parse('{"__proto__":"x","constructor":"y"}')
    const [found] = await given((asked) =>
      isList(asked) ? keysOf(['a']) : secretOf(data, { version: 3, custom_metadata: { description: '' } }),
    )
    expect(Object.entries(found?.fields ?? {})).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ])
    expect(found).not.toHaveProperty('description')
  })

  it.each([429, 503, 500, 412, 307])('of status %i are asked for again, five times in all', async (status) => {
    const asked: URL[] = []
    const failing =
      (times: number): Answer =>
      (request) => {
        asked.push(request)
        if (asked.length <= times) return json({ errors: ['later'] }, status)
        return isList(request) ? keysOf(['a']) : secretOf({ value: 'x' })
      }
    expect(await given(failing(4))).toMatchObject([{ name: 'a', fields: { value: 'x' } }])
    asked.length = 0
    await expect(given(failing(5))).rejects.toMatchObject({ code: 'VAULT_KEY_UNAVAILABLE', retryable: true })
    expect(asked).toHaveLength(5)
  })

  it.each([400, 403, 405])(
    'of status %i are refusals, with the answer as the cause and nothing secret',
    async (status) => {
      const error = await given(() => json({ errors: ['permission denied'] }, status)).catch(
        (thrown: unknown) => thrown,
      )
      if (!isVaultError(error, 'VAULT_KEY_DENIED')) throw error
      expect(String(error.cause)).toBe(`Error: The server answered ${status} to list: permission denied`)
      expect(`${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`).not.toContain(token)
    },
  )

  it('that never come end with the caller’s signal, also between two tries', async () => {
    const stop = new AbortController()
    const silent: Answer = (_asked, init) =>
      new Promise((_resolve, reject) => {
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason))
        stop.abort(new Error('enough'))
      })
    await expect(given(silent, { signal: stop.signal })).rejects.toThrow('enough')
    const later = new AbortController()
    const wait = async (): Promise<void> => {
      later.abort(new Error('no more'))
      throw new Error('The wait was ended.')
    }
    await expect(given(() => json({}, 503), { signal: later.signal, wait })).rejects.toThrow('no more')
  })

  it('that never come end with the time limit', async () => {
    const silent: Answer = (_asked, init) =>
      new Promise((_resolve, reject) => {
        // On a busy machine it is over before the request begins.
        if (init?.signal?.aborted === true) reject(init.signal.reason)
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason))
      })
    expect(await codeOf(given(silent, { timeoutMs: 1 }))).toBe('VAULT_KEY_UNAVAILABLE')
  })
})

describe('kvSecrets', () => {
  const refused: readonly (readonly [string, Readonly<Record<string, unknown>>, string])[] = [
    ['no address', { url: undefined }, 'url'],
    ['plain HTTP to another machine', { url: 'http://vault.example.com' }, 'url'],
    ['no token', { token: '' }, 'token'],
    ['a mount that climbs', { mount: '../sys' }, 'mount'],
    ['a path that climbs', { path: 'a/../../sys' }, 'path'],
    ['a path with a slash at its end', { path: 'a/' }, 'path'],
    ['an empty path', { path: '' }, 'path'],
    ['a path that is no text', { path: 7 }, 'path'],
    ['a deep path', { path: Array(33).fill('a').join('/') }, 'path'],
    ['a long path', { path: 'a'.repeat(1_025) }, 'path'],
    ['a signal that is none', { signal: {} }, 'signal'],
    ['an option that it does not know', { address: url }, 'address'],
  ]

  it.each(refused)('refuses %s, before anything is asked', (_what, change, field) => {
    // As a caller without types would.
    const options = { url, token, ...change } as unknown as KvOptions
    expect(() => kvSecrets(options)).toThrow(expect.objectContaining({ code: 'VAULT_CONFIG_INVALID', field }))
  })

  it('refuses no options at all', () => {
    expect(() => Reflect.apply(kvSecrets, undefined, [])).toThrow(TypeError)
  })

  it('can be read twice, and asks for nothing before', async () => {
    let asked = 0
    const fetch: typeof globalThis.fetch = async (input) => {
      asked += 1
      return isList(new URL(String(input))) ? keysOf(['a']) : secretOf({ value: 'x' })
    }
    const secrets = kvSecrets({ url, token, fetch })
    expect(asked).toBe(0)
    for (const times of [2, 4]) {
      expect(await allOf(secrets)).toHaveLength(1)
      expect(asked).toBe(times)
    }
  })
})
