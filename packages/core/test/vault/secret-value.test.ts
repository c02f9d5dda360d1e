// Released values: they print as nothing, and are gone when they are disposed of.
import { inspect } from 'node:util'
import { describe, expect, expectTypeOf, it, vi } from 'vitest'
import { isSecretValue, MaskedValue, type SecretValue } from '../../src/vault/secret-value.ts'

const canary = 'canary-51c2'
const value = (): SecretValue => new MaskedValue({ plaintext: Buffer.from(canary), encoding: 'text', version: 3 })

describe('SecretValue', () => {
  it('shows nothing in any way of printing', () => {
    const secret = value()
    const prints = [
      String(secret),
      `${secret}`,
      `${secret}x`,
      secret.toString(),
      JSON.stringify({ secret }),
      inspect(secret),
      inspect({ secret }, { depth: 5, showHidden: true }),
      JSON.stringify([...Object.entries(secret)]),
    ]
    for (const print of prints) expect(print).not.toContain(canary)
    expect(JSON.stringify({ secret })).toBe('{"secret":"[secret]"}')
    expect(inspect(secret)).toBe('[secret]')
    expect(`${secret}`).toBe('[secret]')
  })

  it('is known at run time, also when another copy of the package made it, and nothing else is', async () => {
    expect(isSecretValue(value())).toBe(true)
    vi.resetModules()
    const other = await import('../../src/vault/secret-value.ts')
    expect(other.MaskedValue).not.toBe(MaskedValue)
    const made = new other.MaskedValue({ plaintext: Buffer.from(canary), encoding: 'text', version: 1 })
    expect(isSecretValue(made)).toBe(true)
    const likenesses = [undefined, null, canary, {}, { reveal: () => canary }, () => canary, { encoding: 'text' }]
    for (const likeness of likenesses) expect(isSecretValue(likeness)).toBe(false)
  })

  it('is a type that a double can have', () => {
    expectTypeOf<{
      encoding: 'text'
      version: number
      reveal(): string
      fields(): Record<string, string>
      use<T>(fn: (bytes: Uint8Array) => T | PromiseLike<T>): Promise<T>
      dispose(): void
      [Symbol.dispose](): void
      toString(): string
      toJSON(): string
    }>().toExtend<SecretValue>()
  })

  it('gives the text when asked by name', () => expect(value().reveal()).toBe(canary))

  it('lends a copy of the bytes and zero-fills it, also when the borrower fails', async () => {
    const secret = value()
    let lent = new Uint8Array()
    expect(
      await secret.use((bytes) => {
        lent = bytes as Uint8Array<ArrayBuffer>
        return Buffer.from(bytes).toString()
      }),
    ).toBe(canary)
    expect(lent).toEqual(Buffer.alloc(canary.length))
    await expect(
      secret.use((bytes) => {
        lent = bytes as Uint8Array<ArrayBuffer>
        throw new Error('borrower')
      }),
    ).rejects.toThrow('borrower')
    expect(lent).toEqual(Buffer.alloc(canary.length))
    expect(secret.reveal()).toBe(canary)
  })

  it('zero-fills its memory on disposal and gives nothing afterwards', async () => {
    const plaintext = Buffer.from(canary)
    const secret = new MaskedValue({ plaintext, encoding: 'fields', version: 1 })
    secret.dispose()
    secret.dispose()
    expect(plaintext).toEqual(Buffer.alloc(canary.length))
    const closed = expect.objectContaining({ code: 'VAULT_CLOSED' })
    expect(() => secret.reveal()).toThrowError(closed)
    expect(() => secret.fields()).toThrowError(closed)
    await expect(secret.use(() => 1)).rejects.toEqual(closed)
  })

  it('refuses the reading that does not fit the value', () => {
    const bytes = new MaskedValue({ plaintext: Buffer.from([1]), encoding: 'bytes', version: 1 })
    const unsupported = expect.objectContaining({ code: 'VAULT_NOT_SUPPORTED' })
    expect(() => bytes.reveal()).toThrowError(unsupported)
    expect(() => bytes.fields()).toThrowError(unsupported)
    expect(() => value().fields()).toThrowError(unsupported)
  })

  it('gives the fields frozen', () => {
    const secret = new MaskedValue({
      plaintext: Buffer.from('{"a":"1","__proto__":"x"}'),
      encoding: 'fields',
      version: 1,
    })
    const fields = secret.fields()
    expect(Object.entries(fields)).toEqual([
      ['a', '1'],
      ['__proto__', 'x'],
    ])
    expect(Object.isFrozen(fields)).toBe(true)
  })

  it('calls text that is no UTF-8 damaged', () => {
    const secret = new MaskedValue({ plaintext: Buffer.from([0xff]), encoding: 'text', version: 1 })
    expect(() => secret.reveal()).toThrowError(expect.objectContaining({ code: 'VAULT_OPEN_FAILED' }))
  })
})
