// Wrapped keys: known answers, strict parsing, and that only the right key, record and scope unwrap.
import { createCipheriv, createSecretKey } from 'node:crypto'
import { fc } from '@mcpvault/testkit/property'
import { describe, expect, it } from 'vitest'
import type { KeyScope } from '../../src/contracts/index.ts'
import {
  encodeKeyScope,
  encodeWrappedKey,
  kdf,
  keyCheckValue,
  parseWrappedKey,
  unwrapLocal,
  type WrappedKeyParts,
  wrapLocal,
} from '../../src/envelope/index.ts'
import { wrapLocalWith } from '../../src/envelope/local-wrap.ts'
import vectors from '../vectors/mck1-external.json' with { type: 'json' }
import {
  codeOf,
  counting,
  dek,
  dekBytes,
  dekId,
  filled,
  fixedSalt,
  kek,
  keyId,
  scope,
  thrownBy,
  wrongField,
} from './fixtures.ts'

const known =
  '4d434b0101000000000102030405060708090a0b0c0d0e0f9615bf99e26f0cd98ad44d2360eba68f000000070a6c6f63616c3a6d61696e0070' +
  '808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f0f57b0427dfdc36fa0f0817e30fe51339149f59cd1744d09b3d7a09d75c9' +
  '2101a86d9f6d1805ca31a62d786bb3c7a7a652193a3bb319b29a7947af5a6bbf2335b66c00902ca517640a6370c8e614ccf8'
const record = Buffer.from(known, 'hex')
const request = { dek: dekBytes, dekId, scope }
const unwrap = (bytes: Uint8Array, at: KeyScope = scope): Buffer => unwrapLocal({ kek, record: bytes, scope: at })

describe('known answers', () => {
  it('wraps to the bytes of the format page, and unwraps them', () => {
    expect(wrapLocalWith({ kek, keyId, request }, fixedSalt(0x80)).toString('hex')).toBe(known)
    expect(unwrap(record).equals(dekBytes)).toBe(true)
  })

  it('computes the key check value of the format page', () => {
    expect(keyCheckValue(dek, dekId).toString('hex')).toBe('9615bf99e26f0cd98ad44d2360eba68f')
  })

  it('parses every field', () => {
    const parsed = parseWrappedKey(record)
    expect({ ...parsed, wrapped: parsed.wrapped.toString('hex') }).toEqual({
      wrapType: 'local',
      dekId: '000102030405060708090a0b0c0d0e0f',
      dekIdBytes: dekId,
      keyCheckValue: keyCheckValue(dek, dekId),
      kekId: 'local:main',
      kekVersion: 7,
      keyId: 'local:main#7',
      wrapped: known.slice(-224),
      wrappedAt: 57,
    })
  })
})

describe('wrapLocal', () => {
  it('takes a fresh salt each time, and opens', () => {
    const [a, b] = [wrapLocal({ kek, keyId, request }), wrapLocal({ kek, keyId, request })]
    expect(a.equals(b)).toBe(false)
    expect(unwrap(a).equals(dekBytes)).toBe(true)
    expect(unwrap(b).buffer.byteLength).toBe(32)
  })

  it('refuses data keys and ids of other lengths, and key ids without a version', () => {
    const short = { ...request, dek: filled(31, 1) }
    expect(thrownBy(() => wrapLocal({ kek, keyId, request: short }))).toEqual(wrongField('dek'))
    expect(codeOf(() => wrapLocal({ kek, keyId, request: { ...request, dekId: filled(15, 1) } }))).toBe(
      'VAULT_ENVELOPE_INVALID',
    )
    expect(codeOf(() => wrapLocal({ kek, keyId: 'main', request }))).toBe('VAULT_ENVELOPE_INVALID')
    expect(codeOf(() => wrapLocal({ kek, keyId: 'ma in#1', request }))).toBe('VAULT_CONFIG_INVALID')
  })
})

describe('unwrapLocal', () => {
  it('[A16][N11] flipping any bit makes unwrapping fail', () => {
    for (let bit = 0; bit < record.length * 8; bit++) {
      const flipped = Buffer.from(record)
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(codeOf(() => unwrap(flipped))).not.toBe('none')
      if (bit >= 57 * 8) expect(codeOf(() => unwrap(flipped))).toBe('VAULT_OPEN_FAILED')
    }
  })

  it('cutting or extending makes it no record', () => {
    for (let length = 0; length < record.length; length++) {
      expect(codeOf(() => unwrap(record.subarray(0, length)))).toBe('VAULT_ENVELOPE_INVALID')
    }
    expect(codeOf(() => unwrap(Buffer.concat([record, Buffer.alloc(1)])))).toBe('VAULT_ENVELOPE_INVALID')
  })

  it('another scope does not unwrap it', () => {
    const others: Partial<KeyScope>[] = [
      { owner: 'bob' },
      { server: 'x' },
      { kind: 'audit' },
      { vaultId: filled(16, 0) },
    ]
    for (const other of others) {
      expect(codeOf(() => unwrap(record, { ...scope, ...other }))).toBe('VAULT_OPEN_FAILED')
    }
  })

  it('[T5] another key does not unwrap it', () => {
    const other = createSecretKey(filled(32, 0x12))
    expect(codeOf(() => unwrapLocal({ kek: other, record, scope }))).toBe('VAULT_OPEN_FAILED')
  })

  it('does not unwrap a record of a key service, however short its wrap is', () => {
    expect(codeOf(() => unwrap(encodeWrappedKey(kmsParts)))).toBe('VAULT_OPEN_FAILED')
    expect(codeOf(() => unwrap(encodeWrappedKey({ ...kmsParts, wrapped: filled(1, 4) })))).toBe('VAULT_OPEN_FAILED')
    expect(codeOf(() => unwrap(encodeWrappedKey(transitParts)))).toBe('VAULT_OPEN_FAILED')
  })

  it('refuses an authentic record whose check value is not the key inside', () => {
    expect(unwrap(wrapByHand(keyCheckValue(dek, dekId))).equals(dekBytes)).toBe(true)
    expect(codeOf(() => unwrap(wrapByHand(filled(16, 9))))).toBe('VAULT_OPEN_FAILED')
  })
})

const kmsParts: WrappedKeyParts = {
  wrapType: 'aws-kms',
  dekId,
  keyCheckValue: filled(16, 3),
  kekId: 'arn:aws:kms:eu-west-1:111122223333:key/mrk-1234abcd',
  kekVersion: 0,
  wrapped: filled(184, 4),
}

const transitParts: WrappedKeyParts = {
  ...kmsParts,
  wrapType: 'transit',
  kekId: 'transit/mcpvault',
  kekVersion: 3,
  wrapped: Buffer.from('vault:v3:AAECAwQFBgcICQ=='),
}
const recoveryParts: WrappedKeyParts = {
  ...kmsParts,
  wrapType: 'recovery',
  kekId: 'r-NKMaDQFvrZs',
  kekVersion: 1,
  wrapped: filled(144, 5),
}

describe('records', () => {
  it('a KMS record reads back, with the bare ARN as its key id', () => {
    const parsed = parseWrappedKey(encodeWrappedKey(kmsParts))
    expect(parsed).toMatchObject({ wrapType: 'aws-kms', kekVersion: 0, keyId: kmsParts.kekId, kekId: kmsParts.kekId })
    expect(parsed.wrapped.equals(kmsParts.wrapped)).toBe(true)
  })

  it.each([...vectors.services])('[S7] a record of a key service reads back: $title', (vector) => {
    const { kekId, kekVersion } = vector
    const [dekIdOf, keyCheck, wrapped] = [vector.dekId, vector.keyCheckValue, vector.wrapped].map((hex) =>
      Buffer.from(hex, 'hex'),
    )
    const wrapType = vector.wrapType === 'transit' ? 'transit' : 'aws-kms'
    const parsed = parseWrappedKey(Buffer.from(vector.record, 'hex'))
    expect(parsed).toMatchObject({ wrapType, kekId, kekVersion, keyId: vector.keyId, dekId: vector.dekId })
    expect(parsed).toMatchObject({ wrapped, keyCheckValue: keyCheck })
    if (dekIdOf === undefined || keyCheck === undefined || wrapped === undefined) throw new Error('three fields')
    const parts = { wrapType, dekId: dekIdOf, keyCheckValue: keyCheck, kekId, kekVersion, wrapped } as const
    expect(encodeWrappedKey(parts).toString('hex')).toBe(vector.record)
  })

  it.each(['transit', 'recovery'] as const)('a %s record is refused or another one after any change', (wrapType) => {
    const bytes = encodeWrappedKey(wrapType === 'transit' ? transitParts : recoveryParts)
    const isSame = (changed: Uint8Array): boolean => {
      const parsed = parseWrappedKey(changed)
      return encodeWrappedKey({ ...parsed, dekId: parsed.dekIdBytes }).equals(bytes)
    }
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Buffer.from(bytes)
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      codeOf(() => expect([bit, isSame(flipped)]).toEqual([bit, false]))
    }
    for (let length = 0; length < bytes.length; length++) {
      expect(codeOf(() => parseWrappedKey(bytes.subarray(0, length)))).toBe('VAULT_ENVELOPE_INVALID')
    }
    expect(codeOf(() => parseWrappedKey(Buffer.concat([bytes, Buffer.alloc(1)])))).toBe('VAULT_ENVELOPE_INVALID')
    expect(isSame(bytes)).toBe(true)
  })

  it.each([
    ['no mount', { kekId: 'mcpvault' }],
    ['an empty mount', { kekId: '/mcpvault' }],
    ['an empty key name', { kekId: 'transit/' }],
    ['an empty step of the path', { kekId: 'team//mcpvault' }],
    ['a slash before the path', { kekId: '/team/mcpvault' }],
    ['a slash after the path', { kekId: 'team/mcpvault/' }],
    ['another version than its text', { kekVersion: 4 }],
    ['version 0', { kekVersion: 0 }],
    ['a leading zero', { wrapped: Buffer.from('vault:v03:AAAA') }],
    ['another prefix', { wrapped: Buffer.from('vaults:v3:AAAA') }],
    ['something before the prefix', { wrapped: Buffer.from('-vault:v3:AAAA') }],
    ['a byte order mark', { wrapped: Buffer.from('\ufeffvault:v3:AAAA') }],
    ['nothing wrapped', { wrapped: Buffer.from('vault:v3:') }],
    ['a character that is not base64', { wrapped: Buffer.from('vault:v3:AA-A') }],
    ['a line end', { wrapped: Buffer.from('vault:v3:AAAA\n') }],
    ['bytes that are not UTF-8', { wrapped: Buffer.concat([Buffer.from('vault:v3:AAA'), Buffer.from([0xff])]) }],
    ['6,145 characters', { wrapped: Buffer.from(`vault:v3:${'A'.repeat(6136)}`) }],
  ])('refuses to encode a transit wrap with %s', (_, part) => {
    expect(codeOf(() => encodeWrappedKey(transitParts))).toBe('none')
    expect(codeOf(() => encodeWrappedKey({ ...transitParts, ...part }))).toBe('VAULT_ENVELOPE_INVALID')
  })

  it.each([
    ['a wrap of another length', { wrapped: filled(112, 1) }],
    ['version 2', { kekVersion: 2 }],
    ['version 0', { kekVersion: 0 }],
    ['another prefix', { kekId: 'k-NKMaDQFvrZs' }],
    ['a longer id', { kekId: 'r-NKMaDQFvrZsA' }],
    ['a shorter id', { kekId: 'r-NKMaDQFvrZ' }],
    ['a second spelling of its id', { kekId: 'r-NKMaDQFvrZt' }],
    ['a character that is not base64url', { kekId: 'r-NKMaDQFvr.s' }],
  ])('refuses to encode a recovery wrap with %s', (_, part) => {
    expect(codeOf(() => encodeWrappedKey(recoveryParts))).toBe('none')
    expect(codeOf(() => encodeWrappedKey({ ...recoveryParts, ...part }))).toBe('VAULT_ENVELOPE_INVALID')
  })

  it.each([
    ['a data key id of 15 bytes', { dekId: filled(15, 1) }],
    ['a check value of 17 bytes', { keyCheckValue: filled(17, 1) }],
    ['no KEK id', { kekId: '' }],
    ['a KEK id of 256 bytes', { kekId: 'a'.repeat(256) }],
    ['a KEK id with a space', { kekId: 'a b' }],
    ['a KMS version', { kekVersion: 1 }],
    ['nothing wrapped', { wrapped: filled(0, 0) }],
    ['6,145 wrapped bytes', { wrapped: filled(6145, 0) }],
    ['a local key without version', { wrapType: 'local' as const, wrapped: filled(112, 0) }],
    ['a local wrap of another length', { wrapType: 'local' as const, kekVersion: 1, wrapped: filled(111, 0) }],
    ['a version above u32', { wrapType: 'local' as const, kekVersion: 2 ** 32, wrapped: filled(112, 0) }],
  ])('refuses to encode %s', (_, part) => {
    expect(codeOf(() => encodeWrappedKey({ ...kmsParts, ...part }))).toBe('VAULT_ENVELOPE_INVALID')
  })

  it.each([
    ['parts', undefined],
    ['dekId', { ...kmsParts, dekId: 'text' }],
    ['keyCheckValue', { ...kmsParts, keyCheckValue: undefined }],
    ['kekId', { ...kmsParts, kekId: 1 }],
    ['kekVersion', { ...kmsParts, kekVersion: '0' }],
    ['wrapped', { ...kmsParts, wrapped: 'vault:v3:AAAA' }],
  ])('names what is of the wrong type: %s', (field, parts) => {
    const encode = encodeWrappedKey as (parts: unknown) => unknown // Wrong types are the point.
    expect(thrownBy(() => encode(parts))).toEqual(wrongField(field))
    const parse = parseWrappedKey as (bytes: unknown) => unknown // The same.
    expect(thrownBy(() => parse(known))).toEqual(wrongField('bytes'))
  })

  it('takes the bounds themselves', () => {
    for (const part of [{ kekId: 'a'.repeat(255) }, { wrapped: filled(6144, 0) }, { wrapped: filled(1, 0) }]) {
      expect(parseWrappedKey(encodeWrappedKey({ ...kmsParts, ...part }))).toMatchObject(part)
    }
    const longest = { wrapped: Buffer.from(`vault:v3:${'A'.repeat(6135)}`) }
    expect(parseWrappedKey(encodeWrappedKey({ ...transitParts, ...longest }))).toMatchObject(longest)
    const local = { wrapType: 'local' as const, kekVersion: 0xffff_ffff, wrapped: filled(112, 0) }
    expect(parseWrappedKey(encodeWrappedKey({ ...kmsParts, ...local })).kekVersion).toBe(0xffff_ffff)
  })

  it.each([
    ['another magic', 2, 0x56, 'VAULT_ENVELOPE_INVALID'],
    ['format version 2', 3, 2, 'VAULT_ENVELOPE_UNSUPPORTED'],
    ['wrap type 0', 4, 0, 'VAULT_ENVELOPE_UNSUPPORTED'],
    ['wrap type 3, whose wraps are text', 4, 3, 'VAULT_ENVELOPE_INVALID'],
    ['wrap type 4, whose wraps are longer', 4, 4, 'VAULT_ENVELOPE_INVALID'],
    ['wrap type 5', 4, 5, 'VAULT_ENVELOPE_UNSUPPORTED'],
    ['a flag', 5, 1, 'VAULT_ENVELOPE_INVALID'],
    ['a reserved byte', 7, 1, 'VAULT_ENVELOPE_INVALID'],
    ['KEK version 0 of a local key', 43, 0, 'VAULT_ENVELOPE_INVALID'],
    ['a longer KEK id', 44, 255, 'VAULT_ENVELOPE_INVALID'],
    ['a KEK id that is not UTF-8', 45, 0xff, 'VAULT_ENVELOPE_INVALID'],
    ['a KEK id with #', 45, 0x23, 'VAULT_ENVELOPE_INVALID'],
    ['another wrapped length', 56, 0x6f, 'VAULT_ENVELOPE_INVALID'],
  ])('refuses to parse %s', (_, at, byte, code) => {
    const bytes = Buffer.from(record)
    bytes[at] = byte
    expect(codeOf(() => parseWrappedKey(bytes))).toBe(code)
  })

  it('refuses a local record of another wrapped length', () => {
    const bytes = Buffer.concat([record, Buffer.alloc(1)])
    bytes[56] = 0x71
    expect(codeOf(() => parseWrappedKey(bytes))).toBe('VAULT_ENVELOPE_INVALID')
  })

  it('throws only VaultErrors on any bytes, and encodes again whatever it parses', () => {
    const almost = fc.tuple(fc.nat(record.length - 1), fc.nat(255)).map(([at, byte]) => {
      const bytes = Buffer.from(record)
      bytes[at] = byte
      return new Uint8Array(bytes)
    })
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), almost), (bytes) => {
        codeOf(() => unwrap(bytes))
        codeOf(() => {
          const parsed = parseWrappedKey(bytes)
          expect(encodeWrappedKey({ ...parsed, dekId: parsed.dekIdBytes }).equals(bytes)).toBe(true)
        })
      }),
      { numRuns: 1000 },
    )
  })
})

function wrapByHand(checkValue: Uint8Array): Buffer {
  const empty = {
    wrapType: 'local',
    dekId,
    keyCheckValue: checkValue,
    kekId: 'main',
    kekVersion: 1,
    wrapped: filled(112, 0),
  } as const
  const head = encodeWrappedKey(empty).subarray(0, -112)
  const salt = counting(32)
  const additionalData = Buffer.concat([head, encodeKeyScope(scope), salt])
  const derived = kdf(kek, 'mcpvault/1/wrap', additionalData)
  const cipher = createCipheriv('aes-256-gcm', derived.subarray(0, 32), salt.subarray(20), { authTagLength: 16 })
  cipher.setAAD(additionalData)
  const body = [cipher.update(dekBytes), cipher.final(), cipher.getAuthTag()]
  return Buffer.concat([head, salt, derived.subarray(32), ...body])
}
