// Key commitment: AES-GCM alone lets one ciphertext open under two keys; an envelope does not.
import { createCipheriv, createDecipheriv, createSecretKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { encodeContext, kdf, openValue } from '../../src/envelope/index.ts'
import { codeOf, context, counting, dekId, filled } from './fixtures.ts'

const deks = [createSecretKey(filled(32, 0x22)), createSecretKey(filled(32, 0x33))] as const
const head = Buffer.concat([Buffer.from('4d43560101000000', 'hex'), dekId, counting(32, 0x40)])
const iv = head.subarray(44, 56)
const additionalData = Buffer.concat([head, encodeContext(context)])
const [derivedA, derivedB] = deks.map((dek) => kdf(dek, 'mcpvault/1/payload', additionalData))
if (derivedA === undefined || derivedB === undefined) throw new Error('two data keys make two derived keys')

describe('key commitment', () => {
  const body = collidingBody([derivedA.subarray(0, 32), derivedB.subarray(0, 32)])
  const envelopeOf = (commitment: Buffer): Buffer => Buffer.concat([head, commitment, body])

  it('a body can be made that raw AES-GCM opens under two keys', () => {
    const plaintexts = [derivedA, derivedB].map((derived) => {
      const decipher = createDecipheriv('aes-256-gcm', derived.subarray(0, 32), iv, { authTagLength: 16 })
      decipher.setAAD(additionalData)
      decipher.setAuthTag(body.subarray(16))
      return Buffer.concat([decipher.update(body.subarray(0, 16)), decipher.final()]).toString('hex')
    })
    expect(plaintexts[0]).not.toBe(plaintexts[1])
  })

  it('an envelope of that body opens only under the key that it commits to', () => {
    const open = (which: 0 | 1, commitment: Buffer) => () =>
      openValue({ dek: deks[which], context, envelope: envelopeOf(commitment) })
    expect(codeOf(open(0, derivedA.subarray(32)))).toBe('none')
    expect(codeOf(open(1, derivedA.subarray(32)))).toBe('VAULT_OPEN_FAILED')
    expect(codeOf(open(0, derivedB.subarray(32)))).toBe('VAULT_OPEN_FAILED')
    expect(codeOf(open(1, derivedB.subarray(32)))).toBe('none')
  })
})

/** One ciphertext block and a tag that both keys accept: GHASH is linear in the block, so the block can be solved for. */
function collidingBody(keys: readonly [Buffer, Buffer]): Buffer {
  const [a, b] = [tagTerms(keys[0]), tagTerms(keys[1])]
  const block = multiply(a.rest ^ b.rest, inverse(a.factor ^ b.factor))
  return Buffer.concat([toBytes(block), toBytes(multiply(block, a.factor) ^ a.rest)])
}

// tag = block * factor + rest, for additional data and IV as above and a ciphertext of one block.
function tagTerms(key: Buffer): { factor: bigint; rest: bigint } {
  const h = encryptBlock(key, filled(16, 0))
  let hash = 0n
  for (let at = 0; at < additionalData.length; at += 16) {
    const block = Buffer.alloc(16)
    additionalData.copy(block, 0, at)
    hash = multiply(hash ^ toNumber(block), h)
  }
  const lengths = (BigInt(additionalData.length * 8) << 64n) | 128n
  const mask = encryptBlock(key, Buffer.concat([iv, Buffer.from([0, 0, 0, 1])]))
  const squared = multiply(h, h)
  return { factor: squared, rest: multiply(hash, squared) ^ multiply(lengths, h) ^ mask }
}

function encryptBlock(key: Buffer, block: Buffer): bigint {
  return toNumber(createCipheriv('aes-256-ecb', key, null).update(block))
}

// Multiplication in GF(2^128) with GCM's bit order: the first bit of a block is the coefficient of x^0.
function multiply(x: bigint, y: bigint): bigint {
  let product = 0n
  let shifted = y
  for (let bit = 127n; bit >= 0n; bit--) {
    if ((x >> bit) & 1n) product ^= shifted
    shifted = shifted & 1n ? (shifted >> 1n) ^ (0xe1n << 120n) : shifted >> 1n
  }
  return product
}

// x^(2^128 - 2), the product of x^2, x^4, ... x^(2^127).
function inverse(x: bigint): bigint {
  let power = x
  let product = 1n << 127n
  for (let step = 1; step < 128; step++) {
    power = multiply(power, power)
    product = multiply(product, power)
  }
  return product
}

function toNumber(block: Buffer): bigint {
  return BigInt(`0x${block.toString('hex')}`)
}

function toBytes(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(32, '0'), 'hex')
}
