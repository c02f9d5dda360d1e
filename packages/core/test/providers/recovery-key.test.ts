// Recovery keys: servers can only wrap to them, and their private half opens everything when the master key is lost.
import { describe, expect, it } from 'vitest'
import {
  createVault,
  generateKey,
  type KeyProvider,
  keyRing,
  memoryStore,
  multiProvider,
  recoveryKey,
  recoveryOpener,
  recoveryPublicKey,
  recoveryRecipient,
} from '../../src/index.ts'
import { codeOf } from '../audit/support.ts'
import { dekBytes, dekId, scope } from '../envelope/fixtures.ts'
import { around } from './fixtures.ts'

const policy = { roles: { operator: [{ allow: ['operate', 'audit'] }] } } as const
const olga = { id: 'olga', roles: ['operator'] }
const ring = (id: string): KeyProvider => keyRing({ current: id, keys: { [id]: generateKey() } })

describe('a recovery key', () => {
  it('opens with its private half what was wrapped to its public half', async () => {
    const { publicKey, privateKey } = recoveryKey()
    expect(recoveryPublicKey(privateKey)).toBe(publicKey)
    const [record = new Uint8Array()] = await recoveryRecipient(publicKey).wrap({ dekId, dek: dekBytes, scope })
    expect(Buffer.from(await recoveryOpener(privateKey).unwrap(record, scope))).toEqual(Buffer.from(dekBytes))
    expect(recoveryRecipient(publicKey).currentKeyIds()).toEqual(recoveryOpener(privateKey).currentKeyIds())
  })

  it('opens nothing with its public half, and nothing of another recovery key', async () => {
    const { publicKey } = recoveryKey()
    const recipient = recoveryRecipient(publicKey)
    const [record = new Uint8Array()] = await recipient.wrap({ dekId, dek: dekBytes, scope })
    for (const provider of [recipient, recoveryOpener(recoveryKey().privateKey)]) {
      expect(() => provider.unwrap(record, scope)).toThrow(expect.objectContaining({ code: 'VAULT_KEY_UNKNOWN' }))
    }
  })

  it.each(around)('is taken with %s around it', (_, wrapped) => {
    const { publicKey, privateKey } = recoveryKey()
    expect(recoveryPublicKey(wrapped(privateKey))).toBe(publicKey)
    expect(recoveryRecipient(wrapped(publicKey)).currentKeyIds()).toEqual(recoveryRecipient(publicKey).currentKeyIds())
  })

  it('differs each time', () => {
    expect(new Set(Array.from({ length: 20 }, () => recoveryKey().privateKey)).size).toBe(20)
  })

  it.each([
    ['nothing', ''],
    ['the other half', recoveryKey().publicKey],
    ['a master key', generateKey()],
    ['a text that is cut', recoveryKey().privateKey.slice(0, -1)],
    ['a text that is too long', `${recoveryKey().privateKey}A`],
  ])('is not %s', (_what, text) => {
    expect(() => recoveryOpener(text)).toThrow(
      expect.objectContaining({ code: 'VAULT_CONFIG_INVALID', field: 'privateKey' }),
    )
    if (!text.startsWith('recovery-public:'))
      expect(() => recoveryRecipient(text)).toThrow(expect.objectContaining({ field: 'publicKey' }))
  })

  it('never shows its text in an error', () => {
    const { privateKey } = recoveryKey()
    const attempt = (): unknown => recoveryRecipient(privateKey)
    expect(attempt).toThrow(expect.not.objectContaining({ message: expect.stringContaining(privateKey.slice(-10)) }))
  })

  it('may have blanks and line ends around it, as a file has', () => {
    const { privateKey, publicKey } = recoveryKey()
    expect(recoveryPublicKey(` ${privateKey}\r\n`)).toBe(publicKey)
  })
})

describe('the loss of the master key', () => {
  it('costs nothing with a recovery key that was added after the first secrets', async () => {
    const store = memoryStore()
    const { publicKey, privateKey } = recoveryKey()
    const first = ring('main#1')
    const before = createVault({ store, policy, keys: first })
    await before.as({ id: 'alice' }).scope().set('token', 'a value')
    await before.close()

    const both = multiProvider({ primary: first, recovery: [recoveryRecipient(publicKey)] })
    const added = createVault({ store, policy, keys: both })
    expect((await added.operator(olga).rewrap()).rewrapped).toBe(2)
    await added.close()

    const lost = createVault({ store, policy, keys: ring('main#2') })
    expect(await codeOf(lost.as({ id: 'alice' }).scope().get('token'))).toBe('VAULT_KEY_UNKNOWN')
    await lost.close().catch(() => {})

    const second = ring('main#3')
    const recovering = multiProvider({ primary: second, recovery: [recoveryOpener(privateKey)] })
    const vault = createVault({ store, policy, keys: recovering })
    expect((await vault.as({ id: 'alice' }).scope().get('token'))?.reveal()).toBe('a value')
    const report = await vault.operator(olga).rewrap({ drop: ['main#1'] })
    expect([report.rewrapped, report.quarantined]).toEqual([2, []])
    await vault.operator(olga).assertRetirable('main#1')
    expect((await vault.operator(olga).verifyAudit()).ok).toBe(true)
    await vault.close()

    const after = createVault({ store, policy, keys: second })
    expect((await after.as({ id: 'alice' }).scope().get('token'))?.reveal()).toBe('a value')
    await after.close()
  })
})
