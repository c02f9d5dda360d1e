// keyRing: which key wraps, which unwraps, and what is refused.
import { describe, expect, it } from 'vitest'
import { encodeWrappedKey, parseWrappedKey } from '../../src/envelope/index.ts'
import { generateKey, keyFromEnv, keyRing } from '../../src/providers/index.ts'
import { around, currentOf, errorOf, keyOf, passes, request, scope, textOf } from './fixtures.ts'

const oldRing = keyRing({ current: 'main#1', keys: { 'main#1': keyOf('one') } })
const newRing = keyRing({ current: 'main#2', keys: { 'main#1': textOf('one'), 'main#2': keyOf('two') } })

describe('keyRing', () => {
  it('wraps under the current key and unwraps under any', async () => {
    expect(newRing.id).toBe('key-ring')
    expect(await currentOf(newRing)).toBe('main#2')
    const [record] = await newRing.wrap(request)
    expect(record && parseWrappedKey(record).keyId).toBe('main#2')
    expect(await passes(newRing)).toBe(true)
    expect(await passes(oldRing, newRing)).toBe(true)
  })

  it.each(around)('takes a text with %s around it', async (_, wrapped) => {
    const keys = { 'main#1': wrapped(textOf('one')) }
    expect(await passes(oldRing, keyRing({ current: 'main#1', keys }))).toBe(true)
  })

  it('a record of another key is of an unknown key, and says which', async () => {
    const [record = new Uint8Array()] = await newRing.wrap(request)
    expect(await errorOf(() => oldRing.unwrap(record, scope))).toMatchObject({
      code: 'VAULT_KEY_UNKNOWN',
      keyId: 'main#2',
    })
    const wrapped = Buffer.alloc(184, 1)
    const ofKms = encodeWrappedKey({
      wrapType: 'aws-kms',
      dekId: request.dekId,
      keyCheckValue: Buffer.alloc(16),
      kekId: 'arn:x',
      kekVersion: 0,
      wrapped,
    })
    expect(await errorOf(() => oldRing.unwrap(ofKms, scope))).toMatchObject({
      code: 'VAULT_KEY_UNKNOWN',
      keyId: 'arn:x',
    })
  })

  it('opens what the same bytes wrapped under another id', async () => {
    const renamed = keyRing({ current: 'eu/main#7', keys: { 'other#1': keyOf('other'), 'eu/main#7': keyOf('one') } })
    expect(await passes(oldRing, renamed)).toBe(true)
    const unnamed = keyFromEnv({ env: { MCPVAULT_KEY: textOf('one') } })
    expect(await passes(unnamed, oldRing)).toBe(true)
    expect(await passes(oldRing, unnamed)).toBe(true)
    const [record = new Uint8Array()] = await oldRing.wrap(request)
    const moved = await errorOf(() => renamed.unwrap(record, { ...scope, owner: 'bob' }))
    expect(moved).toMatchObject({ code: 'VAULT_KEY_UNKNOWN', keyId: 'main#1' })
  })

  it('gives a fingerprint of each key, which is in the id of a key without one', async () => {
    const fingerprints = (await newRing.fingerprints?.()) ?? new Map()
    expect([...fingerprints.keys()].sort()).toEqual(['main#1', 'main#2'])
    const unnamed = await currentOf(keyFromEnv({ env: { MCPVAULT_KEY: textOf('two') } }))
    expect(unnamed).toBe(`k-${Buffer.from(fingerprints.get('main#2')).toString('base64url')}#1`)
  })

  it('[T5] another key under the same id does not open, nor does another scope', async () => {
    const impostor = keyRing({ current: 'main#1', keys: { 'main#1': keyOf('impostor') } })
    expect((await errorOf(() => passes(oldRing, impostor))).code).toBe('VAULT_OPEN_FAILED')
    const [record = new Uint8Array()] = await oldRing.wrap(request)
    expect((await errorOf(() => oldRing.unwrap(record, { ...scope, owner: 'bob' }))).code).toBe('VAULT_OPEN_FAILED')
    expect((await errorOf(() => oldRing.unwrap(new Uint8Array(3), scope))).code).toBe('VAULT_ENVELOPE_INVALID')
  })

  it('copies its keys and leaves the given bytes as they are', async () => {
    const key = keyOf('one')
    const ring = keyRing({ current: 'main#1', keys: { 'main#1': key } })
    expect(key.equals(keyOf('one'))).toBe(true)
    key.fill(0)
    expect(await passes(oldRing, ring)).toBe(true)
  })

  it.each<[string, Parameters<typeof keyRing>[0], string]>([
    ['a current id without key', { current: 'main#2', keys: { 'main#1': generateKey() } }, 'current'],
    ['no keys', { current: 'main#1', keys: {} }, 'current'],
    ['an id without version', { current: 'main', keys: { main: generateKey() } }, 'keys'],
    ['an id that is none', { current: 'a b#1', keys: { 'a b#1': generateKey() } }, 'keyId'],
    ['31 bytes', { current: 'main#1', keys: { 'main#1': keyOf('one').subarray(1) } }, 'keys'],
    ['a key that is not random', { current: 'main#1', keys: { 'main#1': Buffer.alloc(32, 7) } }, 'keys'],
    ['a text that is no key', { current: 'main#1', keys: { 'main#1': 'hello' } }, 'keys'],
    ['an id in the text', { current: 'main#1', keys: { 'main#1': `main#1:${generateKey()}` } }, 'keys'],
  ])('refuses %s', async (_, options, field) => {
    expect(await errorOf(() => keyRing(options))).toMatchObject({ code: 'VAULT_CONFIG_INVALID', field })
  })

  it('refuses an option that it does not have', async () => {
    const options = { current: 'main#1', keys: { 'main#1': generateKey() }, allowInsecureKey: true }
    expect(await errorOf(() => keyRing(options))).toMatchObject({
      code: 'VAULT_CONFIG_INVALID',
      field: 'allowInsecureKey',
    })
  })

  it.each([
    ['no options', undefined],
    ['null', null],
    ['a current id of another type', { current: 1, keys: {} }],
    ['keys of another type', { current: 'main#1', keys: 'x' }],
    ['null keys', { current: 'main#1', keys: null }],
    ['a key of another type', { current: 'main#1', keys: { 'main#1': 1 } }],
  ])('throws TypeError for %s', (_, options) => {
    expect(() => Reflect.apply(keyRing, undefined, [options])).toThrow(TypeError)
  })
})
