// Values of any shape: results of MCP, errors, and what a tool is given.
import { inspect } from 'node:util'
import { isVaultError, VaultError } from '@mcpvault/core'
import { describe, expect, it } from 'vitest'
import { createRedactor } from '../../src/redact/index.ts'

const value = 'a-value-to-"keep"'
const mark = '[secret:github/token]'
const encoded = (text: string): string => Buffer.from(text).toString('base64')

function redactorOf(secret: string | Uint8Array = value): ReturnType<typeof createRedactor> {
  const redactor = createRedactor()
  redactor.add({ value: secret, label: 'github/token' })
  return redactor
}

describe('a result of MCP', () => {
  const result = {
    content: [
      { type: 'text', text: `token ${value}`, annotations: { audience: ['user'] } },
      { type: 'text', text: JSON.stringify({ token: value, more: 1 }) },
      { type: 'resource', resource: { uri: `file:///${encodeURIComponent(value)}`, blob: encoded(`key=${value};`) } },
      { type: 'resource', resource: { uri: 'file:///a', blob: Buffer.from([1, 2, 255]).toString('base64') } },
      { type: 'image', data: encoded(`\x89PNG ${encoded(`u:${value}`)}`), mimeType: 'image/png' },
      { type: 'resource_link', uri: 'https://example.com/', name: value },
    ],
    structuredContent: { [value]: { deep: [value, 1, null, true, undefined] } },
    _meta: { 'example.com/trace': `Basic ${encoded(`user:${value}`)}` },
    isError: false,
  }

  it('[N16] has no value in text, structured content, blobs and _meta, and keeps its shape', () => {
    const redacted = redactorOf().result(result)
    const all = inspect(redacted, { depth: null })
    expect(all).not.toContain('a-value')
    expect(redacted.content[0]).toEqual({ type: 'text', text: `token ${mark}`, annotations: { audience: ['user'] } })
    expect(JSON.parse(String(redacted.content[1]?.text))).toEqual({ token: mark, more: 1 })
    const blob = String(redacted.content[2]?.resource?.blob)
    expect(Buffer.from(blob, 'base64').toString()).toBe(`key=${mark};`)
    expect(redacted.content[3]).toEqual(result.content[3])
    expect(Buffer.from(String(redacted.content[4]?.data), 'base64').toString('latin1')).toMatch(
      /PNG .*\[secret:github\/token\]/,
    )
    expect(redacted.structuredContent).toEqual({ [mark]: { deep: [mark, 1, null, true, undefined] } })
    expect(redacted._meta['example.com/trace']).toContain(mark)
    expect(redacted.isError).toBe(false)
  })

  it('[N16] has no value in the letters of a blob either', () => {
    const redactor = redactorOf('abcdefgh12345678')
    const { blob } = redactor.result({ blob: 'AAAAabcdefgh12345678AAAA' })
    expect(Buffer.from(blob, 'base64').toString()).toBe('[secret]')
  })

  it('[N16] covers log and progress notifications', () => {
    const message = { method: 'notifications/message', params: { level: 'info', logger: value, data: { at: [value] } } }
    expect(redactorOf().result(message).params).toEqual({ level: 'info', logger: mark, data: { at: [mark] } })
    const progress = { method: 'notifications/progress', params: { progress: 1, message: `with ${value}` } }
    expect(redactorOf().result(progress).params.message).toBe(`with ${mark}`)
  })
})

describe('a value of any shape', () => {
  it('[N16] is redacted in keys, maps, sets, bytes, dates, URLs, names and numbers', () => {
    const redactor = redactorOf('20260102')
    const shape = {
      '20260102': 20260102,
      map: new Map<unknown, unknown>([['20260102', 20260102n]]),
      set: new Set(['20260102']),
      bytes: Buffer.from('at 20260102'),
      buffer: new TextEncoder().encode('20260102').buffer,
      url: new URL('https://example.com/20260102'),
      pattern: /20260102/,
      symbol: Symbol('20260102'),
      clean: [1, true, /a/, new Date(0)],
    }
    const text = inspect(redactor.redactJson(shape), { depth: null })
    expect(text).not.toContain('20260102')
    expect(redactor.redactJson(shape)).toMatchObject({ clean: shape.clean, [mark]: mark, set: new Set([mark]) })
  })

  it('keeps two keys apart that become one, and __proto__ a key', () => {
    const redactor = redactorOf('abcdefgh')
    redactor.add({ value: 'ijklmnop', label: 'github/token' })
    expect(redactor.redactJson({ abcdefgh: 1, ijklmnop: 2 })).toEqual({ [mark]: 1, [`${mark} (2)`]: 2 })
    const copy = redactor.redactJson(JSON.parse('{"__proto__":{"a":"abcdefgh"}}'))
    expect(JSON.stringify(copy)).toBe(`{"__proto__":{"a":"${mark}"}}`)
  })

  it('may refer to itself, throw when it is read, and be too deep', () => {
    const shape: Record<string, unknown> = { value }
    shape['self'] = shape
    Object.defineProperty(shape, 'broken', {
      enumerable: true,
      get: () => {
        throw new Error(value)
      },
    })
    const copy = redactorOf().redactJson(shape)
    expect(copy).toMatchObject({ value: mark, broken: '[unreadable]' })
    expect(inspect(copy)).toContain('self: [Circular')
    let deep: unknown = value
    for (let depth = 0; depth < 100; depth++) deep = [deep]
    expect(inspect(redactorOf().redactJson(deep), { depth: null })).toContain('[too deep to redact]')
  })
})

describe('an error', () => {
  it('[N16] is redacted in message, stack, causes, errors and own properties, and keeps its class', () => {
    const cause = Object.assign(new TypeError(`bad ${value}`), {
      config: { headers: { authorization: `Bearer ${value}` } },
    })
    const error = new AggregateError([new Error(`one ${value}`), `text ${value}`], `all ${value}`, { cause })
    Object.assign(error, { code: 'E_UPSTREAM', response: value, status: 401 })
    const redacted = redactorOf().error(error)
    expect(inspect(redacted, { depth: null, showHidden: true })).not.toContain('a-value')
    expect(redacted).toBeInstanceOf(AggregateError)
    expect(redacted).toMatchObject({
      message: `all ${mark}`,
      code: 'E_UPSTREAM',
      response: mark,
      status: 401,
      cause: { message: `bad ${mark}`, config: { headers: { authorization: `Bearer ${mark}` } } },
      errors: [{ message: `one ${mark}` }, `text ${mark}`],
    })
    expect(redacted).toHaveProperty('cause.stack', expect.stringContaining(`TypeError: bad ${mark}`))
  })

  it('may be its own cause, and need not be an error', () => {
    const error = new Error(value)
    error.cause = error
    const redacted = redactorOf().error(error)
    expect(redacted).toMatchObject({ message: mark })
    expect(inspect(redacted)).not.toContain('a-value')
    expect(redactorOf().error(`thrown ${value}`)).toBe(`thrown ${mark}`)
  })
})

describe('an odd error', () => {
  it('of a class that reads its parts, as of an aborted fetch, keeps name and code', () => {
    const redacted = redactorOf().error(new DOMException(`no ${value}`, 'AbortError'))
    expect(redacted).toBeInstanceOf(DOMException)
    expect(redacted).toMatchObject({ message: `no ${mark}`, name: 'AbortError', code: 20 })
    expect(inspect(redacted)).not.toContain('a-value')
    const { reason } = AbortSignal.abort()
    expect(redactorOf().error(reason)).toMatchObject({ name: 'AbortError', message: reason.message })
    class Private extends Error {
      readonly #name = `E ${value}`
      override get name(): string {
        return this.#name
      }
    }
    expect(redactorOf().error(new Private('x'))).toMatchObject({ name: `E ${mark}` })
  })

  it('keeps the mark by which a package knows its own', () => {
    const error = new VaultError('VAULT_CLOSED', { cause: value })
    const redacted = redactorOf().error(error)
    expect(isVaultError(redacted, 'VAULT_CLOSED')).toBe(true)
    expect(redacted).toHaveProperty('cause', mark)
  })

  it('that cannot be looked at is let through by no way', () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    const trap = new Proxy(new Error(value), {
      ownKeys() {
        throw new Error(value)
      },
    })
    const message = Object.assign(new Error('x'), { message: { toString: () => value } })
    for (const each of [proxy, trap, message]) {
      expect(redactorOf().error(each)).toHaveProperty('message', '[unreadable]')
    }
    expect(redactorOf().error(undefined)).toBe(undefined)
    expect(redactorOf().error(Object.freeze(new Error(value)))).toHaveProperty('message', mark)
  })
})

describe('the arguments of a tool', () => {
  it('tell whose values are in them, in every form, key and depth', () => {
    const redactor = redactorOf()
    redactor.add({ value: 'another-value', label: 'jira/token' })
    redactor.add({ value: 'a-third-value', label: 'jira/other' })
    const given = { url: `https://a.example/?q=${encodeURIComponent(value)}`, list: [{ 'another-value': 1 }] }
    expect(redactor.scan(given)).toEqual(expect.arrayContaining(['github/token', 'jira/token']))
    expect(redactor.scan(given)).toHaveLength(2)
    expect(redactor.scan([encoded(`x${value}`)])).toEqual(['github/token'])
    expect(redactor.scan({ ok: [1, 'text', null] })).toEqual([])
  })

  it('may refer to themselves', () => {
    const given: unknown[] = [value]
    given.push(given)
    expect(redactorOf().scan(given)).toEqual(['github/token'])
  })
})
