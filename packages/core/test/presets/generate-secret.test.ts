// Strong random values: as much randomness as asked for, spread evenly over the alphabet.
import { describe, expect, it } from 'vitest'
import { findPreset, type GenerateOptions, generateSecret } from '../../src/presets/index.ts'

describe('[A11][T18] generateSecret', () => {
  it('makes 32 bytes of randomness by default, another each time, good for a JWT', () => {
    const made = Array.from({ length: 100 }, () => generateSecret())
    expect(new Set(made).size).toBe(100)
    for (const secret of made) {
      expect(secret).toMatch(/^[A-Za-z0-9_-]{43}$/)
      expect(findPreset('jwt-key')?.check(secret)).toEqual({ ok: true })
    }
  })

  it.each<readonly [GenerateOptions, number]>([
    [{ bytes: 16 }, 22],
    [{ bytes: 1_024 }, 1_366],
    [{ bytes: 16, alphabet: '01' }, 128],
    [{ bytes: 32, alphabet: '0123456789abcdef' }, 64],
    [{ bytes: 32, alphabet: '0123456789' }, 78],
  ])('takes %j, as many characters as it needs', (options, length) => {
    const secret = generateSecret(options)
    expect(secret).toHaveLength(length)
    if (options.alphabet !== undefined) expect([...secret].every((each) => options.alphabet?.includes(each))).toBe(true)
  })

  it('takes characters beyond the first plane whole', () => {
    const secret = generateSecret({ bytes: 16, alphabet: '😀😎' })
    expect([...secret]).toHaveLength(128)
    expect(secret.isWellFormed()).toBe(true)
  })

  it('draws each character of the alphabet evenly, also when 256 is no multiple of its length', () => {
    const alphabet = Array.from({ length: 200 }, (_, index) => String.fromCharCode(0x100 + index)).join('')
    const counts = new Map<string, number>()
    for (let round = 0; round < 60; round++) {
      for (const each of generateSecret({ bytes: 1_024, alphabet })) counts.set(each, (counts.get(each) ?? 0) + 1)
    }
    const half = (from: number) =>
      [...alphabet].slice(from, from + 56).reduce((sum, each) => sum + (counts.get(each) ?? 0), 0)
    // A remainder would give the first 56 twice the share of the others. Chance moves the ratio by 1 in 50.
    expect(half(0) / half(100)).toBeGreaterThan(0.8)
    expect(half(0) / half(100)).toBeLessThan(1.25)
    expect(counts.size).toBe(200)
  })

  it.each<readonly [unknown, string]>([
    [{ bytes: 15 }, 'bytes must be an integer from 16 to 1,024'],
    [{ bytes: 1_025 }, 'bytes must be an integer from 16 to 1,024'],
    [{ bytes: 20.5 }, 'bytes must be an integer from 16 to 1,024'],
    [{ bytes: '32' }, 'bytes must be an integer from 16 to 1,024'],
    [{ alphabet: 'a' }, 'alphabet must have 2 to 256 characters'],
    [{ alphabet: 'aba' }, 'alphabet must have each character once'],
    [{ alphabet: '\ud800a' }, 'alphabet must be well-formed text'],
    [{ alphabet: ['a', 'b'] }, 'alphabet must be well-formed text'],
  ])('refuses %j', (options, message) => {
    // Wrong on purpose, as a caller without types may be.
    expect(() => generateSecret(options as GenerateOptions)).toThrow(new TypeError(message))
  })
})
