// A key provider made of the calls to a key service: it conforms, opens no record of another key, and keeps no data key.
import { randomBytes } from 'node:crypto'
import { describe, expect, it, test } from 'vitest'
import { keyServiceProvider } from '../../src/adapter/index.ts'
import { encodeWrappedKey, parseWrappedKey } from '../../src/envelope/index.ts'
import { keyProviderConformance } from '../../src/testing/index.ts'
import { errorOf, request, scope } from '../providers/fixtures.ts'
import { service } from './fake-service.ts'

describe('a provider of a key service', () => {
  const factory = async () => ({
    provider: keyServiceProvider(service('service/two')),
    older: keyServiceProvider(service('service/one')),
    cleanup: async () => {},
  })
  test.each(keyProviderConformance)('$name', ({ run }) => run(factory))
})

describe('the records of a key service', () => {
  it('of another key, and of another kind of service, are unknown, and the service is not asked', async () => {
    let asked = 0
    const own = service('service/one', ['service/one'])
    const provider = keyServiceProvider<string>({
      ...own,
      decrypt(opening) {
        asked++
        return own.decrypt(opening)
      },
    })
    const [record = new Uint8Array()] = await provider.wrap(request)
    const [others = new Uint8Array()] = await keyServiceProvider(service('service/two')).wrap(request)
    const { dekIdBytes: dekId, keyCheckValue, kekId } = parseWrappedKey(record)
    const wrapped = Buffer.from('vault:v1:AAAA')
    const transit = encodeWrappedKey({ wrapType: 'transit', kekId, kekVersion: 1, dekId, keyCheckValue, wrapped })
    expect(parseWrappedKey(record)).toMatchObject({ wrapType: 'aws-kms', keyId: 'service/one' })
    expect(await errorOf(() => provider.unwrap(others, scope))).toMatchObject({
      code: 'VAULT_KEY_UNKNOWN',
      keyId: 'service/two',
    })
    expect((await errorOf(() => provider.unwrap(transit, scope))).code).toBe('VAULT_KEY_UNKNOWN')
    expect(asked).toBe(0)
    expect(Buffer.from(await provider.unwrap(record, scope))).toEqual(request.dek)
    expect(asked).toBe(1)
  })

  it('that cannot be written leave no data key behind', async () => {
    const dek = new Uint8Array(randomBytes(32))
    const wrong = { ...service('service/one'), generate: () => ({ dek, kekId: '', kekVersion: 0, wrapped: dek }) }
    const { dekId } = request
    const made = keyServiceProvider(wrong).generate?.({ dekId, scope })
    expect((await errorOf(() => made)).code).toBe('VAULT_ENVELOPE_INVALID')
    expect(dek).toEqual(new Uint8Array(32))
  })

  it('has the optional parts that the service has', () => {
    const bare = keyServiceProvider(service('service/one'))
    expect('classify' in bare || 'canonicalKeyId' in bare).toBe(false)
    const whole = keyServiceProvider({
      ...service('service/one'),
      classify: () => 'denied' as const,
      canonicalKeyId: (keyId) => `of ${keyId}`,
    })
    expect(whole.classify?.(new Error('no'))).toBe('denied')
    expect(whole.canonicalKeyId?.('x')).toBe('of x')
  })
})
