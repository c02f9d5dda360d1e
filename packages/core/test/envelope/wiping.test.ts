// What sealing and wrapping derive on the way: none of it is left in memory.
import { createHmac, createPrivateKey } from 'node:crypto'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { openValue, sealValue, unwrapLocal, wrapLocal } from '../../src/envelope/index.ts'
import { publicKeyBytesOf, unwrapFromRecovery, wrapToRecovery } from '../../src/envelope/recovery-wrap.ts'
import { codeOf, context, dek, dekBytes, dekId, filled, kek, keyId, scope } from './fixtures.ts'

const der = Buffer.concat([Buffer.from('302e020100300506032b656e04220420', 'hex'), filled(32, 0x44)])
const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
const recipient = publicKeyBytesOf(privateKey)
const request = { dek: dekBytes, dekId, scope }
const envelope = sealValue({ dek, dekId, context, plaintext: filled(10, 1) })
const local = wrapLocal({ kek, keyId, request })
const recovery = wrapToRecovery({ recipient, request })

afterEach(() => {
  vi.restoreAllMocks()
})

describe('derived keys', () => {
  // A check value is of a data key, not a key itself: it stands in the record, and so it stays.
  it.each<[string, { readonly derived: number; readonly checkValues: number }, () => unknown]>([
    ['a sealed value', { derived: 1, checkValues: 0 }, () => sealValue({ dek, dekId, context, plaintext: dekBytes })],
    ['an opened value', { derived: 1, checkValues: 0 }, () => openValue({ dek, context, envelope })],
    [
      'a value that does not open',
      { derived: 1, checkValues: 0 },
      () => codeOf(() => openValue({ dek, context: { ...context, version: 4 }, envelope })),
    ],
    ['a wrapped key', { derived: 1, checkValues: 1 }, () => wrapLocal({ kek, keyId, request })],
    ['an unwrapped key', { derived: 1, checkValues: 1 }, () => unwrapLocal({ kek, record: local, scope })],
    [
      'a key that does not unwrap',
      { derived: 1, checkValues: 0 },
      () => codeOf(() => unwrapLocal({ kek, record: local, scope: { ...scope, owner: 'bob' } })),
    ],
    ['a key wrapped for recovery', { derived: 2, checkValues: 1 }, () => wrapToRecovery({ recipient, request })],
    [
      'a recovered key',
      { derived: 2, checkValues: 1 },
      () => unwrapFromRecovery({ privateKey, record: recovery, scope }),
    ],
  ])('are wiped behind %s', (_, { derived, checkValues }, work) => {
    const digest = vi.spyOn(Object.getPrototypeOf(createHmac('sha512', '')), 'digest')
    work()
    const made = digest.mock.results.map(({ value }) => Buffer.from(value))
    const wiped = made.filter((bytes) => bytes.equals(filled(64, 0)))
    expect([wiped.length, made.length - wiped.length]).toEqual([derived, checkValues])
  })

  it('the secret of an exchange is wiped too', () => {
    const wiped: string[] = []
    const fill = Buffer.prototype.fill
    vi.spyOn(Buffer.prototype, 'fill').mockImplementation(function (this: Buffer, ...args: unknown[]) {
      wiped.push(this.toString('hex'))
      return Reflect.apply(fill, this, args)
    })
    wrapToRecovery({ recipient, request })
    const secrets = wiped.filter((hex) => hex.length === 64 && hex !== '00'.repeat(32))
    expect(secrets).toHaveLength(1)
  })
})
