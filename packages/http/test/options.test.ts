// The options of vaultHandler: what makes no sense is refused at once, with its name.
import { createVault, generateKey, keyRing, memoryStore } from '@mcpvault/core'
import { afterAll, describe, expect, it } from 'vitest'
import { vaultHandler } from '../src/index.ts'

const keys = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })
const vault = createVault({ keys, store: memoryStore() })
afterAll(() => vault.close())

const parts = { vault, principal: () => undefined }

describe('vaultHandler', () => {
  it.each([
    ['no options', undefined, 'options'],
    ['an unknown option', { ...parts, basepath: '/vault' }, 'options.basepath'],
    ['no vault', { principal: parts.principal }, 'vault'],
    ['a vault that is none', { ...parts, vault: {} }, 'vault'],
    ['no principal', { vault }, 'principal'],
    ['a base path without a slash', { ...parts, basePath: 'vault' }, 'basePath'],
    ['a base path that ends in a slash', { ...parts, basePath: '/vault/' }, 'basePath'],
    ['a base path that leads up', { ...parts, basePath: '/a/../b' }, 'basePath'],
    ['a base path that is encoded', { ...parts, basePath: '/a%20b' }, 'basePath'],
    ['a page that is no switch', { ...parts, page: 'yes' }, 'page'],
    ['a switch that is none', { ...parts, allowInsecure: 1 }, 'allowInsecure'],
    ['an address for signing in that is none', { ...parts, signInUrl: 7 }, 'signInUrl'],
    ['an older system that nobody knows', { ...parts, compat: ['other'] }, 'compat'],
    ['an older system twice', { ...parts, compat: ['airis', 'airis'] }, 'compat'],
    ['older systems that are no list', { ...parts, compat: 'airis' }, 'compat'],
    ['a proxy by name', { ...parts, trustProxy: ['nginx'] }, 'trustProxy'],
    ['a network that is none', { ...parts, trustProxy: ['10.0.0.0/33'] }, 'trustProxy'],
    ['a proxy that is anybody', { ...parts, trustProxy: true }, 'trustProxy'],
    ['an origin with a path', { ...parts, origins: ['https://app.test/x'] }, 'origins'],
    ['an origin that is a host', { ...parts, origins: ['app.test'] }, 'origins'],
    ['an unknown limit', { ...parts, limits: { bytes: 1 } }, 'limits.bytes'],
    ['a limit out of range', { ...parts, limits: { revealsPerMinute: 0 } }, 'limits.revealsPerMinute'],
    ['a limit that is no number', { ...parts, limits: { bodyBytes: '1024' } }, 'limits.bodyBytes'],
    ['a limiter that is none', { ...parts, revealLimiter: {} }, 'revealLimiter'],
    ['a principal that is none', { ...parts, healthAs: { id: '' } }, 'healthAs'],
    ['a logger that is none', { ...parts, logger: console.error }, 'logger'],
  ])('refuses %s', (_, options, field) => {
    expect(() => Reflect.apply(vaultHandler, undefined, [options])).toThrowError(
      expect.objectContaining({ code: 'VAULT_CONFIG_INVALID', field }),
    )
  })

  it.each(['', '/', '/vault', '/a/b-c/d.e'])('takes the base path %j', async (basePath) => {
    const handler = vaultHandler({ ...parts, basePath })
    const path = basePath === '/' ? '' : basePath
    expect((await handler(new Request(`https://app.test${path}/api/v1/me`))).status).toBe(401)
    expect((await handler(new Request('https://app.test/other/api/v1/me'))).status).toBe(path === '' ? 401 : 404)
  })

  it('is a Fetch handler that a router may call with something of its own', async () => {
    const handler = vaultHandler({ ...parts, principal: () => ({ id: 'alice' }) })
    const args = [new Request('https://app.test/api/v1/me'), { params: Promise.resolve({}) }]
    const response: Response = await Reflect.apply(handler, undefined, args)
    expect(response.status).toBe(200)
  })
})
