// Wraps to recovery keys: known answers, and that only the private half, in the right scope, opens the exact record.
import {
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto'
import { fc } from '@mcpvault/testkit/property'
import { describe, expect, it } from 'vitest'
import type { KeyScope } from '../../src/contracts/index.ts'
import {
  encodeKeyScope,
  encodeWrappedKey,
  kdf,
  keyCheckValue,
  parseWrappedKey,
  wrapLocal,
} from '../../src/envelope/index.ts'
import {
  publicKeyBytesOf,
  recoveryKekId,
  unwrapFromRecovery,
  wrapToRecovery,
  wrapToRecoveryWith,
} from '../../src/envelope/recovery-wrap.ts'
import { sealWrapBody } from '../../src/envelope/wrap-body.ts'
import vectors from '../vectors/mck1-external.json' with { type: 'json' }
import { codeOf, dek, dekBytes, dekId, filled, fixedSalt, kek, keyId, scope, thrownBy, wrongField } from './fixtures.ts'

const request = { dek: dekBytes, dekId, scope }
const privateKey = x25519(filled(32, 0x44))
const recipient = publicKeyBytesOf(privateKey)
const record = Buffer.from(vectors.recovery[0]?.record ?? '', 'hex')
const wrappedAt = 60
const unwrap = (bytes: Uint8Array, at: KeyScope = scope): Buffer =>
  unwrapFromRecovery({ privateKey, record: bytes, scope: at })

describe('frozen vectors', () => {
  it.each(vectors.recovery)(
    '[S7] a key wrapped to a recovery key opens, and is still wrapped the same: $title',
    (vector) => {
      const kind = vector.kind === 'audit' ? 'audit' : 'values'
      const at = { vaultId: bytes(vector.vaultId), kind, server: vector.server, owner: vector.owner } as const
      const holder = x25519(bytes(vector.recipientPrivate))
      const bytesOfRecord = bytes(vector.record)
      expect(publicKeyBytesOf(holder).toString('hex')).toBe(vector.recipientPublic)
      expect(unwrapFromRecovery({ privateKey: holder, record: bytesOfRecord, scope: at }).toString('hex')).toBe(
        vector.dek,
      )
      const { wrapType, keyId: parsedId, dekId: parsedDekId, keyCheckValue: check } = parseWrappedKey(bytesOfRecord)
      expect([wrapType, parsedId, parsedDekId]).toEqual(['recovery', vector.keyId, vector.dekId])
      expect(check.toString('hex')).toBe(vector.keyCheckValue)
      const again = wrapToRecoveryWith(
        {
          recipient: bytes(vector.recipientPublic),
          request: { dek: bytes(vector.dek), dekId: bytes(vector.dekId), scope: at },
        },
        { ephemeral: x25519(bytes(vector.ephemeralPrivate)), salt: bytes(vector.salt) },
      )
      expect(again.toString('hex')).toBe(vector.record)
    },
  )

  it('[S7] hold the answers of the format page', () => {
    expect(recipient.toString('hex')).toBe('ff2ee45601ec1b67310c7790404585ae697331eee1c1f8cf2419731c1fff3e6b')
    expect(recoveryKekId(recipient)).toBe('r-NKMaDQFvrZs')
    expect(record.toString('hex')).toBe(
      '4d434b0104000000000102030405060708090a0b0c0d0e0f9615bf99e26f0cd98ad44d2360eba68f000000010d722d4e4b4d6144514676725a7300907b0d' +
        '47d93427f8311160781c7c733fd89f88970aef490d8aa0ee19a4cb8a1b14808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f' +
        '798c9f6f423c2f2de068ebb3c8767576c2f4956f6405614635ec58a99c8dad5cf09a970898bfc8358bb341a95b48fbdb1c74961e8086458dcbde0295dc83' +
        'a7ceb0ae61270ebc923d8465075c0458b736',
    )
  })
})

describe('wrapToRecovery', () => {
  it('takes a fresh pair and salt each time, and opens in memory of its own', () => {
    const [a, b] = [wrapToRecovery({ recipient, request }), wrapToRecovery({ recipient, request })]
    expect(a.subarray(wrappedAt, wrappedAt + 64).equals(b.subarray(wrappedAt, wrappedAt + 64))).toBe(false)
    for (const wrap of [a, b]) expect(unwrap(wrap).equals(dekBytes)).toBe(true)
    expect(unwrap(a).buffer.byteLength).toBe(32)
  })

  it('opens for any pair', () => {
    const pair = generateKeyPairSync('x25519')
    const wrap = wrapToRecovery({ recipient: publicKeyBytesOf(pair.privateKey), request })
    expect(unwrapFromRecovery({ privateKey: pair.privateKey, record: wrap, scope }).equals(dekBytes)).toBe(true)
  })

  it('opens for pairs whose secret has a zero among its bytes', () => {
    const zeros = Array.from({ length: 60 }, (_, seed) => x25519(filled(32, seed))).filter((ephemeral) => {
      const wrap = wrapToRecoveryWith({ recipient, request }, { ephemeral, salt: fixedSalt(0) })
      expect(unwrap(wrap).equals(dekBytes)).toBe(true)
      return diffieHellman({ privateKey, publicKey: createPublicKey(ephemeral) }).includes(0)
    })
    expect(zeros.length).toBeGreaterThan(0)
  })

  it('refuses keys of other lengths', () => {
    const short = { ...request, dek: filled(31, 1) }
    expect(thrownBy(() => wrapToRecovery({ recipient, request: short }))).toEqual(wrongField('dek'))
    expect(thrownBy(() => wrapToRecovery({ recipient: filled(31, 1), request }))).toEqual(wrongField('recipient'))
  })

  it.each([
    ['zero', '00'.repeat(32)],
    ['one', `01${'00'.repeat(31)}`],
    ['order 8', 'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800'],
    ['p', `ed${'ff'.repeat(30)}7f`],
  ])('[A16] refuses a public key of small order: %s', (_, point) => {
    expect(codeOf(() => wrapToRecovery({ recipient: bytes(point), request }))).toBe('VAULT_OPEN_FAILED')
    const sent = Buffer.from(record)
    bytes(point).copy(sent, wrappedAt)
    expect(codeOf(() => unwrap(sent))).toBe('VAULT_OPEN_FAILED')
  })
})

describe('unwrapFromRecovery', () => {
  it('[A16][N11] flipping any bit makes unwrapping fail', () => {
    for (let bit = 0; bit < record.length * 8; bit++) {
      const flipped = Buffer.from(record)
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect([bit, codeOf(() => unwrap(flipped))]).not.toEqual([bit, 'none'])
    }
  }, 60_000)

  it('cutting or extending makes it no record', () => {
    for (let length = 0; length < record.length; length++) {
      expect(codeOf(() => unwrap(record.subarray(0, length)))).toBe('VAULT_ENVELOPE_INVALID')
    }
    expect(codeOf(() => unwrap(Buffer.concat([record, Buffer.alloc(1)])))).toBe('VAULT_ENVELOPE_INVALID')
  })

  it('another scope, another recovery key and another kind of wrap do not open', () => {
    const others: Partial<KeyScope>[] = [
      { owner: 'bob' },
      { server: 'x' },
      { kind: 'audit' },
      { vaultId: filled(16, 0) },
    ]
    for (const other of others) expect(codeOf(() => unwrap(record, { ...scope, ...other }))).toBe('VAULT_OPEN_FAILED')
    const stranger = x25519(filled(32, 0x45))
    expect(codeOf(() => unwrapFromRecovery({ privateKey: stranger, record, scope }))).toBe('VAULT_OPEN_FAILED')
    expect(codeOf(() => unwrap(wrapLocal({ kek, keyId, request })))).toBe('VAULT_OPEN_FAILED')
  })

  it('an authentic record whose id names another recovery key does not open', () => {
    expect(unwrap(wrapByHand(recoveryKekId(recipient))).equals(dekBytes)).toBe(true)
    expect(codeOf(() => unwrap(wrapByHand(recoveryKekId(filled(32, 1)))))).toBe('VAULT_OPEN_FAILED')
  })

  it('a record of a key service under the same id does not open, however short its wrap is', () => {
    const ephemeral = publicKeyBytesOf(x25519(filled(32, 0x45)))
    const parts = { dekId, keyCheckValue: filled(16, 3), kekId: recoveryKekId(recipient), kekVersion: 0 }
    const disguised = encodeWrappedKey({ wrapType: 'aws-kms', wrapped: ephemeral, ...parts })
    expect(codeOf(() => unwrap(disguised))).toBe('VAULT_OPEN_FAILED')
  })

  it('throws only VaultErrors on any bytes', () => {
    const almost = fc.tuple(fc.nat(record.length - 1), fc.nat(255)).map(([at, byte]) => {
      const changed = Buffer.from(record)
      changed[at] = byte
      return changed
    })
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), almost), (input) => {
        codeOf(() => unwrap(input))
      }),
    )
  })
})

function bytes(hex: string): Buffer {
  return Buffer.from(hex, 'hex')
}

/** A wrap to the recovery key that authentically says this id. */
function wrapByHand(kekId: string): Buffer {
  const ephemeral = x25519(filled(32, 0x45))
  const ephemeralPublic = publicKeyBytesOf(ephemeral)
  const parts = { dekId, keyCheckValue: keyCheckValue(dek, dekId), kekId, kekVersion: 1, wrapped: filled(144, 0) }
  const head = encodeWrappedKey({ wrapType: 'recovery', ...parts }).subarray(0, -144)
  const shared = createSecretKey(diffieHellman({ privateKey: ephemeral, publicKey: createPublicKey(privateKey) }))
  const derived = kdf(shared, 'mcpvault/1/recovery', Buffer.concat([ephemeralPublic, recipient]))
  const body = sealWrapBody({
    kek: createSecretKey(derived.subarray(0, 32)),
    dek: dekBytes,
    binding: Buffer.concat([head, encodeKeyScope(scope), ephemeralPublic]),
    salt: fixedSalt(0x80),
  })
  return Buffer.concat([head, ephemeralPublic, body])
}

/** The private key of 32 bytes, as PKCS #8 writes it. */
function x25519(seed: Uint8Array): KeyObject {
  const key = createPrivateKey({
    key: Buffer.concat([bytes('302e020100300506032b656e04220420'), seed]),
    format: 'der',
    type: 'pkcs8',
  })
  expect(createPublicKey(key).asymmetricKeyType).toBe('x25519')
  return key
}
