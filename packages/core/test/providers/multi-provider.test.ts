// multiProvider: all wrap, the one that knows the key unwraps.
import { describe, expect, it } from 'vitest'
import type { KeyProvider } from '../../src/contracts/index.ts'
import { parseWrappedKey } from '../../src/envelope/index.ts'
import { VaultError } from '../../src/errors/index.ts'
import { keyRing, multiProvider } from '../../src/providers/index.ts'
import { errorOf, keyOf, request, scope } from './fixtures.ts'

const ring = (name: string): KeyProvider => keyRing({ current: `${name}#1`, keys: { [`${name}#1`]: keyOf(name) } })
const [primary, recovery, stranger] = [ring('main'), ring('recovery'), ring('stranger')]
const multi = multiProvider({ primary, recovery: [recovery] })

describe('multiProvider', () => {
  it('wraps with all, the primary first, and unwraps each wrap', async () => {
    expect(multi.id).toBe('multi(key-ring,key-ring)')
    expect(await multi.currentKeyIds()).toEqual(new Set(['main#1', 'recovery#1']))
    const wraps = await multi.wrap(request)
    expect(wraps.map((wrap) => parseWrappedKey(wrap).keyId)).toEqual(['main#1', 'recovery#1'])
    for (const wrap of wraps) expect(Buffer.compare(await multi.unwrap(wrap, scope), request.dek)).toBe(0)
    expect(multi.generate).toBeUndefined()
    expect(multi.classify).toBeUndefined()
  })

  it('the recovery key alone opens its wrap', async () => {
    const [, wrap = new Uint8Array()] = await multi.wrap(request)
    expect(Buffer.compare(await recovery.unwrap(wrap, scope), request.dek)).toBe(0)
  })

  it('a record that none knows is of an unknown key', async () => {
    const [wrap = new Uint8Array()] = await stranger.wrap(request)
    expect(await errorOf(() => multi.unwrap(wrap, scope))).toMatchObject({
      code: 'VAULT_KEY_UNKNOWN',
      keyId: 'stranger#1',
    })
  })

  it('gives the fingerprints of all, and refuses two keys of one id', async () => {
    expect([...((await multi.fingerprints?.()) ?? new Map()).keys()].sort()).toEqual(['main#1', 'recovery#1'])
    const { id, currentKeyIds, wrap, unwrap } = stranger
    const service: KeyProvider = { id, currentKeyIds, wrap, unwrap }
    const mixed = multiProvider({ primary: service, recovery: [recovery] })
    expect([...((await mixed.fingerprints?.()) ?? new Map()).keys()]).toEqual(['recovery#1'])
    const other = keyRing({ current: 'main#1', keys: { 'main#1': keyOf('another') } })
    const twice = multiProvider({ primary, recovery: [other] })
    expect(await errorOf(() => twice.fingerprints?.())).toMatchObject({
      code: 'VAULT_CONFIG_INVALID',
      field: 'recovery',
    })
  })

  it.each(['primary', 'recovery'])('refuses wraps without one of the %s', async (silent) => {
    const none: KeyProvider = { ...stranger, wrap: () => [] }
    const parts = silent === 'primary' ? { primary: none, recovery: [recovery] } : { primary, recovery: [none] }
    expect(await errorOf(() => multiProvider(parts).wrap(request))).toMatchObject({
      code: 'VAULT_CONFIG_INVALID',
      field: 'recovery',
    })
  })

  it('a denial is not tried elsewhere', async () => {
    const denying: KeyProvider = {
      ...primary,
      unwrap() {
        throw new VaultError('VAULT_KEY_DENIED')
      },
    }
    const [wrap = new Uint8Array()] = await primary.wrap(request)
    const provider = multiProvider({ primary: denying, recovery: [primary] })
    expect((await errorOf(() => provider.unwrap(wrap, scope))).code).toBe('VAULT_KEY_DENIED')
  })

  it('lets the primary make data keys', async () => {
    const dek = keyOf('generated')
    const made: KeyProvider = {
      ...primary,
      generate: async (wanted) => ({ dek, wraps: await primary.wrap({ ...wanted, dek }) }),
    }
    const provider = multiProvider({ primary: made, recovery: [recovery] })
    const { dekId } = request
    const generated = await provider.generate?.({ dekId, scope })
    expect(generated?.wraps.map((wrap) => parseWrappedKey(wrap).keyId)).toEqual(['main#1', 'recovery#1'])
    for (const wrap of generated?.wraps ?? []) expect(Buffer.compare(await provider.unwrap(wrap, scope), dek)).toBe(0)
  })

  it.each([
    ['denied', 'VAULT_KEY_DENIED'],
    ['integrity', 'VAULT_OPEN_FAILED'],
    ['transient', 'VAULT_KEY_UNAVAILABLE'],
  ] as const)('has each failure sorted by the provider that failed: %s', async (failure, code) => {
    const failing: KeyProvider = {
      ...recovery,
      unwrap: () => Promise.reject(new Error('of the key service')),
      wrap: () => Promise.reject(new Error('of the key service')),
      currentKeyIds: () => Promise.reject(new Error('of the key service')),
      classify: () => failure,
    }
    // The primary would take the same error for something else.
    const other: KeyProvider = { ...primary, classify: () => (failure === 'denied' ? 'transient' : 'denied') }
    const [wrap = new Uint8Array()] = await recovery.wrap(request)
    const provider = multiProvider({ primary: other, recovery: [failing] })
    expect((await errorOf(() => provider.unwrap(wrap, scope))).code).toBe(code)
    expect((await errorOf(() => provider.wrap(request))).code).toBe(code)
    expect((await errorOf(() => provider.currentKeyIds())).code).toBe(code)
  })

  it('wipes a data key that was made when a recovery wrap fails', async () => {
    const dek = keyOf('generated')
    const made: KeyProvider = {
      ...primary,
      generate: async (wanted) => ({ dek, wraps: await primary.wrap({ ...wanted, dek }) }),
    }
    const broken: KeyProvider = {
      ...recovery,
      wrap() {
        throw new VaultError('VAULT_KEY_UNAVAILABLE')
      },
    }
    const provider = multiProvider({ primary: made, recovery: [broken] })
    const error = await errorOf(() => provider.generate?.({ dekId: request.dekId, scope }))
    expect(error.code).toBe('VAULT_KEY_UNAVAILABLE')
    expect(dek.every((byte) => byte === 0)).toBe(true)
  })

  it('holds a data key to 8 wraps', async () => {
    const seven = Array.from({ length: 7 }, (_, index) => ring(`r${index}`))
    expect(await multiProvider({ primary, recovery: seven }).wrap(request)).toHaveLength(8)
    const nested = multiProvider({ primary: multi, recovery: seven })
    expect((await errorOf(() => nested.wrap(request))).code).toBe('VAULT_CONFIG_INVALID')
    for (const list of [[], [...seven, recovery]]) {
      const error = await errorOf(() => multiProvider({ primary, recovery: list }))
      expect(error).toMatchObject({ code: 'VAULT_CONFIG_INVALID', field: 'recovery' })
    }
  })

  it('refuses other options and types', async () => {
    expect(
      (await errorOf(() => Reflect.apply(multiProvider, undefined, [{ primary, recovery: [recovery], x: 1 }]))).field,
    ).toBe('x')
    expect(() => Reflect.apply(multiProvider, undefined, [{ primary, recovery }])).toThrow(TypeError)
  })
})
