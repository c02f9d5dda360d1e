// keyFromPassphrase: floors and ceilings, one derivation a process, parameters in the key id.
import { pbkdf2Sync, scryptSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { KeyProvider } from '../../src/contracts/index.ts'
import {
  generateSalt,
  keyFromPassphrase,
  keyRing,
  multiProvider,
  type PassphraseOptions,
} from '../../src/providers/index.ts'
import { passphraseKey } from '../../src/providers/passphrase.ts'
import { parseStretch } from '../../src/providers/stretch.ts'
import { currentOf, errorOf, keyOf, passes } from './fixtures.ts'

const passphrase = 'correct horse battery staple'
const salt = keyOf('salt').subarray(0, 16)
const fast: PassphraseOptions = { passphrase, salt, kdf: 'pbkdf2-sha256', iterations: 100_000 }
/** A ring that holds these bytes under the current key id of the provider. */
const ringOf = async (provider: KeyProvider, key: Buffer): Promise<KeyProvider> => {
  const current = await currentOf(provider)
  return keyRing({ current, keys: { [current]: key } })
}

describe('derivation', () => {
  it.each([
    ['pbkdf2-sha256', 'sha256'],
    ['pbkdf2-sha512', 'sha512'],
  ] as const)('is %s', async (kdf, hash) => {
    const provider = keyFromPassphrase({ ...fast, kdf })
    expect(await passes(provider, await ringOf(provider, pbkdf2Sync(passphrase, salt, 100_000, 32, hash)))).toBe(true)
  })

  it('is scrypt with the parameters given', async () => {
    const provider = keyFromPassphrase({ passphrase, salt, cost: 2 ** 16, blockSize: 9, parallelization: 2 })
    const key = scryptSync(passphrase, salt, 32, { N: 2 ** 16, r: 9, p: 2, maxmem: 2 ** 28 })
    expect(await passes(provider, await ringOf(provider, key))).toBe(true)
  })

  it('takes a salt with a line break and quotes around it', async () => {
    const spelled = keyFromPassphrase({ ...fast, salt: `"${salt.toString('base64url')}"\n` })
    expect(await currentOf(spelled)).toBe(await currentOf(keyFromPassphrase(fast)))
  })

  it('takes a salt as base64url too, and UTF-8 of the passphrase', async () => {
    const spelled = { ...fast, passphrase: 'pässword-ünd-🔐', salt: salt.toString('base64url') }
    const provider = keyFromPassphrase(spelled)
    expect(
      await passes(provider, await ringOf(provider, pbkdf2Sync(spelled.passphrase, salt, 100_000, 32, 'sha256'))),
    ).toBe(true)
  })

  it('[A17] defaults to scrypt 2^17, 8, 1, and to 600,000 iterations', async () => {
    expect(await currentOf(keyFromPassphrase({ passphrase, salt }))).toMatch(/^scrypt-17-8-1-[\w-]{11}\.[\w-]{11}#1$/)
    expect(await currentOf(keyFromPassphrase({ passphrase, salt, kdf: 'pbkdf2-sha256' }))).toMatch(
      /^pbkdf2-sha256-600000-/,
    )
    expect(await currentOf(keyFromPassphrase({ passphrase, salt, kdf: 'pbkdf2-sha512' }))).toMatch(
      /^pbkdf2-sha512-600000-/,
    )
  })

  it('[A17] after a change of parameters or salt, older wraps are of an unknown key', async () => {
    const before = keyFromPassphrase(fast)
    expect(await currentOf(before)).toBe('pbkdf2-sha256-100000-ryVPskxBSNw.hJTCgYsgzUE#1')
    const changes: Partial<PassphraseOptions>[] = [
      { iterations: 100_001 },
      { kdf: 'pbkdf2-sha512' },
      { salt: keyOf('other') },
    ]
    for (const change of changes) {
      const after = keyFromPassphrase(Object.assign({ ...fast }, change))
      expect(await errorOf(() => passes(before, after))).toMatchObject({
        code: 'VAULT_KEY_UNKNOWN',
        keyId: await currentOf(before),
      })
    }
  })

  it.each([
    ['another passphrase', `${passphrase}!`],
    ['a line break at its end', `${passphrase}\n`],
  ])('%s is another key, under an id of its own', async (_, changed) => {
    const other = keyFromPassphrase({ ...fast, passphrase: changed })
    const [before, after] = [await currentOf(keyFromPassphrase(fast)), await currentOf(other)]
    expect(after).not.toBe(before)
    expect(after.split('.')[0]).toBe(before.split('.')[0])
    expect((await errorOf(() => passes(keyFromPassphrase(fast), other))).code).toBe('VAULT_KEY_MISMATCH')
  })
})

describe('a passphrase', () => {
  it('is the same however its letters are composed', async () => {
    const [composed, decomposed] = ['caf\u00e9 correct horse', 'cafe\u0301 correct horse'].map((spelling) =>
      keyFromPassphrase({ ...fast, passphrase: spelling }),
    )
    if (composed === undefined || decomposed === undefined) throw new Error('two were made')
    expect(await currentOf(decomposed)).toBe(await currentOf(composed))
    expect(await passes(decomposed, composed)).toBe(true)
  })

  it('that is new, with the old salt, does not hide the old one', async () => {
    const before = keyFromPassphrase(fast)
    const after = keyFromPassphrase({ ...fast, passphrase: `${passphrase}, changed` })
    const both = multiProvider({ primary: after, recovery: [before] })
    expect(await passes(before, both)).toBe(true)
    const third = keyFromPassphrase({ ...fast, passphrase: `${passphrase}, third` })
    expect(await errorOf(() => passes(third, both))).toMatchObject({
      code: 'VAULT_KEY_MISMATCH',
      keyId: await currentOf(third),
    })
  })
})

describe('one derivation a process', () => {
  it('shares a derivation among calls, and tries again after a failure', async () => {
    let calls = 0
    const key = passphraseKey({
      passphrase,
      salt,
      stretch: {
        name: 'fake-1',
        async derive() {
          calls += 1
          if (calls === 1) throw new Error('out of memory')
          return keyOf('derived')
        },
      },
    })
    const failures = await Promise.all([errorOf(() => key.load()), errorOf(() => key.load())])
    for (const failure of failures) expect(failure).toMatchObject({ code: 'VAULT_KEY_UNAVAILABLE', retryable: true })
    expect(calls).toBe(1)
    const [a, b] = await Promise.all([key.load(), key.load()])
    expect(calls).toBe(2)
    expect(a).toBe(b)
    expect(await key.load()).toBe(a)
    expect(calls).toBe(2)
  })

  it('wipes the passphrase and the derived bytes after use', async () => {
    const seen: Uint8Array[] = []
    const derived = keyOf('derived')
    const stretch = {
      name: 'fake-1',
      async derive(password: Uint8Array) {
        seen.push(password)
        expect(Buffer.from(password).toString()).toBe(passphrase)
        return derived
      },
    }
    await passphraseKey({ passphrase, salt, stretch }).load()
    expect([...(seen[0] ?? [1]), ...derived].every((byte) => byte === 0)).toBe(true)
  })
})

describe('floors and ceilings', () => {
  it('[A41] the salt has 128 random bits at least', async () => {
    expect(await errorOf(() => keyFromPassphrase({ ...fast, salt: salt.subarray(1) }))).toMatchObject({ field: 'salt' })
    expect(Buffer.from(generateSalt(), 'base64url').length).toBe(32)
    expect(new Set(Array.from({ length: 100 }, generateSalt)).size).toBe(100)
    expect(keyFromPassphrase({ ...fast, salt: generateSalt() }).id).toBe('passphrase')
  })

  it('[A41] the key has 112 bits at least: it has 256', async () => {
    const key = await passphraseKey({
      passphrase,
      salt,
      stretch: parseStretch({ kdf: 'pbkdf2-sha256', iterations: 100_000 }),
    }).load()
    expect(key.kek.symmetricKeySize).toBe(32)
  })

  it.each<[string, object, string]>([
    ['[A17][A41] 99,999 iterations', { kdf: 'pbkdf2-sha256', iterations: 99_999 }, 'iterations'],
    ['[A17] 99,999 iterations of SHA-512', { kdf: 'pbkdf2-sha512', iterations: 99_999 }, 'iterations'],
    ['10,000,001 iterations', { kdf: 'pbkdf2-sha256', iterations: 10_000_001 }, 'iterations'],
    ['a fraction of an iteration', { kdf: 'pbkdf2-sha256', iterations: 100_000.5 }, 'iterations'],
    ['a low cost', { cost: 2 ** 15 }, 'cost'],
    ['a high cost', { cost: 2 ** 21 }, 'cost'],
    ['a cost that is no power of two', { cost: 100_000 }, 'cost'],
    ['a low block size', { blockSize: 7 }, 'blockSize'],
    ['a high block size', { blockSize: 33 }, 'blockSize'],
    ['no parallelization', { parallelization: 0 }, 'parallelization'],
    ['a high parallelization', { parallelization: 17 }, 'parallelization'],
    ['more than 1 GiB', { cost: 2 ** 20, blockSize: 9 }, 'cost'],
    ['another function', { kdf: 'md5' }, 'kdf'],
    ['iterations of scrypt', { iterations: 600_000 }, 'iterations'],
    ['a cost of PBKDF2', { kdf: 'pbkdf2-sha256', cost: 2 ** 17 }, 'cost'],
    ['a block size of PBKDF2', { kdf: 'pbkdf2-sha256', blockSize: 8 }, 'blockSize'],
    ['parallelization of PBKDF2', { kdf: 'pbkdf2-sha256', parallelization: 1 }, 'parallelization'],
    ['a weak passphrase', { passphrase: 'password' }, 'passphrase'],
    ['a passphrase that is not Unicode', { passphrase: `${passphrase}\ud800` }, 'passphrase'],
    ['a salt that is not base64url', { salt: 'not base64url, is it?' }, 'salt'],
    ['an unknown option', { iteration: 600_000 }, 'iteration'],
  ])('%s is refused', async (_, part, field) => {
    const options = { passphrase, salt, ...part }
    expect(await errorOf(() => keyFromPassphrase(options))).toMatchObject({ code: 'VAULT_CONFIG_INVALID', field })
  })

  it.each([
    { cost: 2 ** 16 },
    { cost: 2 ** 20, blockSize: 8 },
    { blockSize: 32 },
    { parallelization: 16 },
    { kdf: 'scrypt' as const },
    { kdf: 'pbkdf2-sha256' as const, iterations: 10_000_000 },
  ])('takes the bound %j', (part) => {
    expect(keyFromPassphrase({ passphrase, salt, ...part }).id).toBe('passphrase')
  })

  it.each([
    ['no options', undefined],
    ['a passphrase of another type', { passphrase: 1, salt }],
    ['a salt of another type', { passphrase, salt: 1 }],
    ['a cost of another type', { passphrase, salt, cost: '131072' }],
    ['iterations of another type', { passphrase, salt, kdf: 'pbkdf2-sha256', iterations: '600000' }],
  ])('throws TypeError for %s', (_, options) => {
    expect(() => Reflect.apply(keyFromPassphrase, undefined, [options])).toThrow(TypeError)
  })
})
