// Sealed values: known answers, and that nothing but the exact envelope in its exact context opens.
import { createCipheriv, createSecretKey, randomBytes } from 'node:crypto'
import { fc } from '@mcpvault/testkit/property'
import { describe, expect, it } from 'vitest'
import { isSealing, kdf, openValue, parseSealedValue, sealValue, type ValueContext } from '../../src/envelope/index.ts'
import { sealWith } from '../../src/envelope/sealed-value.ts'
import { codeOf, context, dek, dekBytes, dekId, fixedSalt, thrownBy, wrongField } from './fixtures.ts'

const plaintext = Buffer.from('ghp_example')
const known =
  '4d43560101000000000102030405060708090a0b0c0d0e0f404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f' +
  '67098b6b7fb97650d2fac60273d0f3d024d074544664c4372b2abda3f54b54ad77aee80dcea3155a5e7bdd27a73616916e649a34cd85339940b174'
const envelope = Buffer.from(known, 'hex')
const open = (bytes: Uint8Array, at: ValueContext = context): Buffer => openValue({ dek, context: at, envelope: bytes })

describe('known answers', () => {
  it('[S7] seals to the bytes of the format page', () => {
    expect(sealWith({ dek, dekId, context, plaintext }, fixedSalt(0x40)).toString('hex')).toBe(known)
  })

  it('[S7] opens the bytes of the format page', () => {
    expect(open(envelope).toString()).toBe('ghp_example')
  })

  it('reads the data key id and the commitment without a key', () => {
    const { dekId: id, commitment } = parseSealedValue(envelope)
    expect(id).toBe('000102030405060708090a0b0c0d0e0f')
    expect(commitment.toString('hex')).toBe(known.slice(112, 176))
  })
})

describe('isSealing', () => {
  const { commitment } = parseSealedValue(envelope)

  it('knows a sealing by its key id and commitment, and by nothing less', () => {
    expect(isSealing(envelope, { dekId, commitment })).toBe(true)
    for (let bit = 0; bit < 8 * 88; bit++) {
      const changed = Buffer.from(envelope)
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      const covered = (bit >= 8 * 8 && bit < 8 * 24) || bit >= 8 * 56
      expect([bit, isSealing(changed, { dekId, commitment })]).toEqual([bit, !covered])
    }
  })

  it('says no for bytes that are shorter than any envelope', () => {
    expect(isSealing(envelope.subarray(0, 103), { dekId, commitment })).toBe(false)
    expect(isSealing(envelope.subarray(0, 104), { dekId, commitment })).toBe(true)
    expect(isSealing(Buffer.alloc(0), { dekId, commitment })).toBe(false)
  })
})

describe('round trips', () => {
  it.each([
    ['empty', Buffer.alloc(0)],
    ['one NUL', Buffer.alloc(1)],
    ['an emoji', Buffer.from('🔐')],
    ['text with NUL', Buffer.from('a\0b')],
    ['64 KiB', randomBytes(65_536)],
  ])('[A15][N3] opens what it sealed: %s', (_, value) => {
    const sealed = sealValue({ dek, dekId, context, plaintext: value })
    expect(sealed.length).toBe(value.length + 104)
    expect(open(sealed).equals(value)).toBe(true)
  })

  it('[A15][N3] opens any bytes in any context', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 100 })
    const contexts = fc.record({
      vaultId: fc.uint8Array({ minLength: 16, maxLength: 16 }),
      server: text,
      owner: text,
      name: text,
      version: fc.maxSafeNat(),
    })
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), contexts, (value, at) => {
        const sealed = sealValue({ dek, dekId, context: at, plaintext: value })
        expect(open(sealed, at).equals(value)).toBe(true)
      }),
    )
  })

  it('takes Uint8Arrays that are views of larger memory', () => {
    const larger = new Uint8Array(envelope.length + 7)
    larger.set(envelope, 5)
    expect(open(larger.subarray(5, 5 + envelope.length)).toString()).toBe('ghp_example')
    expect(parseSealedValue(larger.subarray(5, 5 + envelope.length)).dekId).toBe(dekId.toString('hex'))
  })

  it('returns plaintext and envelope in memory of their own', () => {
    expect(open(envelope).buffer.byteLength).toBe(plaintext.length)
    expect(sealValue({ dek, dekId, context, plaintext }).buffer.byteLength).toBe(envelope.length)
  })
})

describe('the cipher', () => {
  it('[S22][N8] is AES-256-GCM with a 12-byte nonce and a 16-byte tag', () => {
    const context_ = Buffer.from(
      '01aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa000764656661756c740005616c696365000c4749544855425f544f4b454e000000000000000301',
      'hex',
    )
    const additionalData = Buffer.concat([envelope.subarray(0, 56), context_])
    const derived = kdf(dek, 'mcpvault/1/payload', additionalData)
    const nonce = envelope.subarray(44, 56)
    const cipher = createCipheriv('aes-256-gcm', derived.subarray(0, 32), nonce, { authTagLength: 16 })
    cipher.setAAD(additionalData)
    const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()])
    expect(nonce.length).toBe(12)
    expect(envelope.subarray(88, -16).equals(ciphertext)).toBe(true)
    expect(envelope.subarray(-16).equals(cipher.getAuthTag())).toBe(true)
  })

  it('[S37][N10] never repeats a salt or a ciphertext in 100,000 seals of one value', () => {
    const salts = new Set<string>()
    const ciphertexts = new Set<string>()
    for (let seal = 0; seal < 100_000; seal++) {
      const sealed = sealValue({ dek, dekId, context, plaintext })
      salts.add(sealed.toString('latin1', 24, 56))
      ciphertexts.add(sealed.toString('latin1', 88))
    }
    expect(salts.size).toBe(100_000)
    expect(ciphertexts.size).toBe(100_000)
  }, 60_000)
})

describe('alterations', () => {
  it('[A16][N11] flipping any bit makes opening fail', () => {
    for (let bit = 0; bit < envelope.length * 8; bit++) {
      const flipped = Buffer.from(envelope)
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(codeOf(() => open(flipped))).toBe(expectedFlipCode(bit >> 3))
    }
  })

  it('[A16][N11] cutting or extending makes opening fail', () => {
    for (let length = 0; length < envelope.length; length++) {
      const expected = length < 104 ? 'VAULT_ENVELOPE_INVALID' : 'VAULT_OPEN_FAILED'
      expect(codeOf(() => open(envelope.subarray(0, length)))).toBe(expected)
      expect(codeOf(() => open(envelope.subarray(envelope.length - length)))).toBe('VAULT_ENVELOPE_INVALID')
    }
    for (const more of [1, 15, 16, 17]) {
      expect(codeOf(() => open(Buffer.concat([envelope, Buffer.alloc(more)])))).toBe('VAULT_OPEN_FAILED')
    }
  })

  it('[S24] another vault, owner, server, name or version does not open it', () => {
    const others: Partial<ValueContext>[] = [
      { vaultId: Buffer.alloc(16, 0xab) },
      { owner: 'bob' },
      { server: 'github' },
      { name: 'GITHUB_TOKEN2' },
      { version: 2 },
      { owner: 'default', server: 'alice' },
      { owner: 'aliceGITHUB', name: '_TOKEN' },
      { server: '', owner: 'defaultalice' },
    ]
    for (const other of others) {
      expect(codeOf(() => open(envelope, { ...context, ...other }))).toBe('VAULT_OPEN_FAILED')
    }
  })

  it('[S24] another kind does not open as a value', () => {
    const sealed = sealByHand({ kind: 2 })
    expect(codeOf(() => open(sealed))).toBe('VAULT_OPEN_FAILED')
    expect(open(sealByHand({ kind: 1 })).equals(plaintext)).toBe(true)
  })

  it('another data key does not open it, and fails as every other way does', () => {
    const failures = [
      () => openValue({ dek: createSecretKey(Buffer.alloc(32, 0x23)), context, envelope }),
      () => open(Buffer.concat([envelope.subarray(0, -1), Buffer.from([0])])),
      () => open(envelope, { ...context, owner: 'bob' }),
    ].map(errorOf)
    for (const failure of failures) {
      expect(failure).toMatchObject({ code: 'VAULT_OPEN_FAILED', message: failures[0]?.message })
      expect(failure.cause).toBeUndefined()
    }
  })

  it('tags of 0 to 15 bytes are refused', () => {
    for (let size = 0; size < 16; size++) {
      expect(codeOf(() => open(envelope.subarray(0, envelope.length - 16 + size)))).not.toBe('none')
    }
  })
})

describe('structure', () => {
  it.each([
    ['another magic', 0, 0x4e, 'VAULT_ENVELOPE_INVALID'],
    ['format version 0', 3, 0, 'VAULT_ENVELOPE_UNSUPPORTED'],
    ['format version 2', 3, 2, 'VAULT_ENVELOPE_UNSUPPORTED'],
    ['suite 2', 4, 2, 'VAULT_ENVELOPE_UNSUPPORTED'],
    ['a flag', 5, 1, 'VAULT_ENVELOPE_INVALID'],
    ['a reserved byte', 6, 1, 'VAULT_ENVELOPE_INVALID'],
    ['the other reserved byte', 7, 1, 'VAULT_ENVELOPE_INVALID'],
  ])('says what is wrong with a header: %s', (_, at, byte, code) => {
    const bytes = Buffer.from(envelope)
    bytes[at] = byte
    expect(codeOf(() => open(bytes))).toBe(code)
    expect(codeOf(() => parseSealedValue(bytes))).toBe(code)
  })

  it('throws only VaultErrors on any bytes', () => {
    const almost = fc.tuple(fc.nat(envelope.length - 1), fc.nat(255)).map(([at, byte]) => {
      const bytes = Buffer.from(envelope)
      bytes[at] = byte
      return new Uint8Array(bytes)
    })
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), almost), (bytes) => {
        const code = codeOf(() => open(bytes))
        if (code === 'none') expect(envelope.equals(bytes)).toBe(true)
        codeOf(() => parseSealedValue(bytes))
      }),
      { numRuns: 1000 },
    )
  })

  it('holds values to 64 KiB unless told otherwise, and to 1 MiB always', () => {
    const sealSized = (size: number, maxValueBytes?: number) => () =>
      sealValue({ dek, dekId, context, plaintext: Buffer.alloc(size), ...(maxValueBytes && { maxValueBytes }) })
    const refusal = {
      code: 'VAULT_VALUE_INVALID',
      field: 'value',
      detail: expect.stringContaining('limits.valueBytes'),
    }
    expect(thrownBy(sealSized(65_537))).toMatchObject(refusal)
    expect(codeOf(sealSized(11, 10))).toBe('VAULT_VALUE_INVALID')
    expect(codeOf(sealSized(1_048_577, 2_000_000))).toBe('VAULT_VALUE_INVALID')
    const largest = sealSized(1_048_576, 1_048_576)()
    const openSized = (maxValueBytes?: number) => () =>
      openValue({ dek, context, envelope: largest, ...(maxValueBytes && { maxValueBytes }) })
    expect(openSized(1_048_576)().length).toBe(1_048_576)
    expect(codeOf(openSized())).toBe('VAULT_ENVELOPE_INVALID')
    expect(codeOf(openSized(1_048_575))).toBe('VAULT_ENVELOPE_INVALID')
    const longer = Buffer.concat([largest, Buffer.alloc(1)])
    expect(codeOf(() => parseSealedValue(longer))).toBe('VAULT_ENVELOPE_INVALID')
    expect(codeOf(() => openValue({ dek, context, envelope: longer, maxValueBytes: 9e6 }))).toBe(
      'VAULT_ENVELOPE_INVALID',
    )
  })

  it('refuses a data key id that is not 16 bytes', () => {
    expect(thrownBy(() => sealValue({ dek, dekId: Buffer.alloc(15), context, plaintext }))).toEqual(wrongField('dekId'))
  })
})

function expectedFlipCode(byte: number): string {
  if (byte < 3 || (byte > 4 && byte < 8)) return 'VAULT_ENVELOPE_INVALID'
  return byte < 8 ? 'VAULT_ENVELOPE_UNSUPPORTED' : 'VAULT_OPEN_FAILED'
}

function sealByHand({ kind }: { readonly kind: number }): Buffer {
  const header = envelope.subarray(0, 56)
  const encoded = Buffer.from(
    '01aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa000764656661756c740005616c696365000c4749544855425f544f4b454e000000000000000301',
    'hex',
  )
  encoded[encoded.length - 1] = kind
  const additionalData = Buffer.concat([header, encoded])
  const derived = kdf(createSecretKey(dekBytes), 'mcpvault/1/payload', additionalData)
  const cipher = createCipheriv('aes-256-gcm', derived.subarray(0, 32), header.subarray(44), { authTagLength: 16 })
  cipher.setAAD(additionalData)
  const body = Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
  return Buffer.concat([header, derived.subarray(32), body])
}

function errorOf(work: () => unknown): Error {
  try {
    work()
  } catch (error) {
    if (error instanceof Error) return error
  }
  throw new Error('nothing was thrown')
}
