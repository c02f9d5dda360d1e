// Contexts: their bytes, that they are injective, and what has none.
import { createHash } from 'node:crypto'
import { fc } from '@mcpvault/testkit/property'
import { describe, expect, it } from 'vitest'
import { encodeContext, encodeKeyScope, keyScopeHash, type ValueContext } from '../../src/envelope/index.ts'
import { codeOf, context, scope, thrownBy, vaultId } from './fixtures.ts'

// A small alphabet makes fields that run into each other likely; graphemes bring every length of UTF-8.
const text = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'b', '\0', 'é'), maxLength: 4 }),
  fc.string({ unit: 'grapheme' }),
)
const contexts = fc.record({
  vaultId: fc.constantFrom(vaultId, Buffer.alloc(16)),
  server: text,
  owner: text,
  name: text,
  version: fc.oneof(fc.nat(3), fc.maxSafeNat()),
})

describe('encodeContext', () => {
  it('writes the bytes of the format page', () => {
    expect(encodeContext(context).toString('hex')).toBe(
      '01aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa000764656661756c740005616c696365000c4749544855425f544f4b454e000000000000000301',
    )
  })

  it('[S24] decodes back to the same context, so that no two contexts share bytes', () => {
    fc.assert(
      fc.property(contexts, (value) => {
        expect(decode(encodeContext(value))).toEqual(comparable(value))
      }),
    )
  })

  it('[S24] gives different bytes for different contexts', () => {
    fc.assert(
      fc.property(contexts, contexts, (a, b) => {
        const same = JSON.stringify(comparable(a)) === JSON.stringify(comparable(b))
        expect(encodeContext(a).equals(encodeContext(b))).toBe(same)
      }),
    )
  })

  it.each([
    ['64 ASCII characters', 'a'.repeat(64)],
    ['65 ASCII characters', 'a'.repeat(65)],
    ['65,535 bytes', 'a'.repeat(65_535)],
    ['non-ASCII in a short text', 'aé'],
    ['a NUL and the last ASCII character', '\0\x7f'],
    ['the first non-ASCII character', '\x80'],
    ['an astral character', '🔐'],
  ])('keeps %s', (_, owner) => {
    expect(decode(encodeContext({ ...context, owner }))).toEqual(comparable({ ...context, owner }))
  })

  it.each([
    ['a lone high surrogate', { owner: 'a\ud800' }],
    ['a lone low surrogate', { name: '\udc00b' }],
    ['a long text with a lone surrogate', { name: `${'a'.repeat(100)}\ud800` }],
    ['65,536 characters', { server: 'a'.repeat(65_536) }],
    ['65,536 bytes in fewer characters', { server: 'é'.repeat(32_768) }],
    ['a short vault id', { vaultId: Buffer.alloc(15) }],
    ['a long vault id', { vaultId: Buffer.alloc(17) }],
    ['a negative version', { version: -1 }],
    ['a fractional version', { version: 1.5 }],
    ['a version that is no safe integer', { version: 2 ** 53 }],
  ])('refuses %s', (_, part) => {
    expect(codeOf(() => encodeContext({ ...context, ...part }))).toBe('VAULT_REF_INVALID')
  })

  it('says which rule was broken', () => {
    const refusal = (part: object) => thrownBy(() => encodeContext({ ...context, ...part }))
    const id = { field: 'vaultId', detail: 'must be 16 bytes.' }
    expect(refusal({ vaultId: Buffer.alloc(15) })).toMatchObject(id)
    expect(refusal({ version: -1 })).toMatchObject({ detail: expect.stringContaining('safe integer') })
    expect(refusal({ owner: '\ud800' })).toMatchObject({ detail: expect.stringMatching(/Unicode.*65,535 bytes/) })
  })
})

describe('encodeKeyScope', () => {
  it('writes kind, server and owner', () => {
    expect(encodeKeyScope(scope).toString('hex')).toBe(`01${'aa'.repeat(16)}01000764656661756c740005616c696365`)
    expect(encodeKeyScope({ vaultId, kind: 'audit', server: '', owner: '' }).toString('hex')).toBe(
      `01${'aa'.repeat(16)}0200000000`,
    )
  })

  it('gives different bytes for different scopes', () => {
    fc.assert(
      fc.property(text, text, text, text, (server, owner, server2, owner2) => {
        const a = encodeKeyScope({ ...scope, server, owner })
        const b = encodeKeyScope({ ...scope, server: server2, owner: owner2 })
        expect(a.equals(b)).toBe(server === server2 && owner === owner2)
      }),
    )
  })

  it('refuses what has no encoding', () => {
    expect(codeOf(() => encodeKeyScope({ ...scope, owner: '\ud800' }))).toBe('VAULT_REF_INVALID')
    expect(codeOf(() => encodeKeyScope({ ...scope, vaultId: Buffer.alloc(15) }))).toBe('VAULT_REF_INVALID')
  })
})

describe('keyScopeHash', () => {
  it('is the SHA-256 of the canonical bytes of a scope', () => {
    const bytes = Buffer.from(`01${'aa'.repeat(16)}01000764656661756c740005616c696365`, 'hex')
    expect(keyScopeHash(scope).equals(createHash('sha256').update(bytes).digest())).toBe(true)
    expect(keyScopeHash(scope)).toHaveLength(32)
    expect(keyScopeHash({ ...scope, owner: 'bob' }).equals(keyScopeHash(scope))).toBe(false)
  })
})

function decode(bytes: Buffer): object {
  let at = 17
  const next = (): string => {
    const size = bytes.readUInt16BE(at)
    at += 2 + size
    return bytes.toString('utf8', at - size, at)
  }
  const [server, owner, name] = [next(), next(), next()]
  expect([bytes[0], bytes.length, bytes[at + 8]]).toEqual([1, at + 9, 1])
  return { vaultId: bytes.toString('hex', 1, 17), server, owner, name, version: Number(bytes.readBigUInt64BE(at)) }
}

function comparable(value: ValueContext): object {
  const { server, owner, name, version } = value
  return { vaultId: Buffer.from(value.vaultId).toString('hex'), server, owner, name, version }
}
