// Data keys on the transit engine of a real server: wrapped, opened, rewrapped, refused, sealed, restarted.
import { parseWrappedKey } from '@mcpvault/core'
import { describeWith, type StoredBao, startStoredBao } from '@mcpvault/testkit'
import { codeOf } from '@mcpvault/testkit/vaults'
import { beforeAll, expect, it } from 'vitest'
import { vaultTransit } from '../src/index.ts'
import { mountTransit, newDekId, newToken, outcomeOf, rulesFor, scope, wrapOf } from './support/setting.ts'

describeWith('data keys on a transit engine', startStoredBao, (service) => {
  let mount = ''
  let bao: StoredBao
  beforeAll(async () => {
    bao = service()
    mount = await mountTransit(bao)
  })
  const provider = (key = 'mcpvault', token = bao.token) => vaultTransit({ url: bao.url, mount, key, token })

  it('[T11] makes a data key in the engine, and opens its wrap', async () => {
    const dekId = newDekId()
    const { dek, wraps } = (await provider().generate?.({ dekId, scope })) ?? { dek: new Uint8Array(), wraps: [] }
    const [record = new Uint8Array()] = wraps
    expect(parseWrappedKey(record)).toMatchObject({ wrapType: 'transit', kekId: `${mount}/mcpvault`, kekVersion: 1 })
    expect(dek).toHaveLength(32)
    expect(Buffer.from(await provider().unwrap(record, scope))).toEqual(Buffer.from(dek))
  })

  it.each([
    ['owner', { ...scope, owner: 'bob' }],
    ['server', { ...scope, server: 'gitlab' }],
    ['vault', { ...scope, vaultId: Buffer.alloc(16, 7) }],
    ['kind', { ...scope, kind: 'audit' as const, server: '', owner: '' }],
  ])('does not open a wrap for another %s', async (_what, other) => {
    const record = await wrapOf(provider())
    expect(await outcomeOf(provider(), () => provider().unwrap(record, other))).toBe('integrity')
  })

  it('does not open a wrap whose ciphertext was altered', async () => {
    const record = await wrapOf(provider())
    const at = record.length - 8
    const altered = Uint8Array.from(record, (byte, index) => (index === at ? (byte === 0x41 ? 0x42 : 0x41) : byte))
    expect(await outcomeOf(provider(), () => provider().unwrap(altered, scope))).toBe('integrity')
  })

  it('follows the versions of the key, and rewraps to the newest inside of the engine', async () => {
    const before = await wrapOf(provider())
    const { kekVersion } = parseWrappedKey(before)
    await bao.call('POST', `${mount}/keys/mcpvault/rotate`)
    expect([...(await provider().currentKeyIds())]).toEqual([`${mount}/mcpvault#${kekVersion + 1}`])
    const asked = provider()
    expect(await outcomeOf(asked, () => asked.rewrap?.([before], { ...scope, owner: 'bob' }))).toBe('integrity')
    const [after = new Uint8Array()] = (await provider().rewrap?.([before], scope)) ?? []
    expect(parseWrappedKey(after)).toMatchObject({ kekVersion: kekVersion + 1 })
    expect(parseWrappedKey(after).keyCheckValue).toEqual(parseWrappedKey(before).keyCheckValue)
    expect(Buffer.from(await provider().unwrap(after, scope))).toEqual(Buffer.alloc(32))
    expect(await provider().rewrap?.([after], scope)).toEqual([after])
    // Until the key forbids its old versions, their wraps open.
    expect(await outcomeOf(provider(), () => provider().unwrap(before, scope))).toBe('done')
    await bao.call('POST', `${mount}/keys/mcpvault/config`, { min_decryption_version: kekVersion + 1 })
    expect(await outcomeOf(provider(), () => provider().unwrap(before, scope))).toBe('denied')
    await bao.call('POST', `${mount}/keys/mcpvault/config`, { min_decryption_version: 1 })
  })

  it('refuses a key that is not derived by name, before anything is wrapped under it', async () => {
    for (const call of [() => wrapOf(provider('plain')), () => provider('plain').currentKeyIds()]) {
      await expect(call()).rejects.toMatchObject({ code: 'VAULT_CONFIG_INVALID', field: 'key' })
    }
    await expect(wrapOf(provider('plain'))).rejects.toThrow(`${mount}/plain`)
  })

  it('does not ask for a wrap of another key or mount', async () => {
    const record = await wrapOf(provider())
    await bao.call('POST', `${mount}/keys/other`, { derived: true })
    expect(await codeOf(Promise.resolve(provider('other').unwrap(record, scope)))).toBe('VAULT_KEY_UNKNOWN')
  })

  it('is denied without permission, with a revoked token, and for a key that is not there', async () => {
    const record = await wrapOf(provider())
    const opens = (token: string, key = 'mcpvault') => {
      const asked = provider(key, token)
      return outcomeOf(asked, () => (key === 'mcpvault' ? asked.unwrap(record, scope) : wrapOf(asked)))
    }
    const server = await newToken(bao, { rules: rulesFor(mount) })
    expect(await opens(server)).toBe('done')
    expect(await opens(await newToken(bao, { rules: rulesFor(mount, 'other') }))).toBe('denied')
    await bao.call('POST', 'auth/token/revoke', { token: server })
    expect(await opens(server)).toBe('denied')
    expect(await opens(bao.token, 'absent')).toBe('denied')
  })

  it('is unavailable while the server is sealed, stopped or restarted, and works again afterwards', async () => {
    const asked = provider()
    const record = await wrapOf(asked)
    const open = () => outcomeOf(asked, () => asked.unwrap(record, scope))
    await bao.seal()
    expect(await open()).toBe('transient')
    await bao.unseal()
    expect(await open()).toBe('done')
    await bao.kill()
    expect(await open()).toBe('transient')
    await bao.start()
    expect(await open()).toBe('transient')
    await bao.unseal()
    expect(await open()).toBe('done')
  })

  it('uses a namespace', async () => {
    await bao.call('POST', 'sys/namespaces/tenant', {})
    const namespaced = vaultTransit({ url: bao.url, key: 'mcpvault', token: bao.token, namespace: 'tenant' })
    expect(await outcomeOf(namespaced, () => wrapOf(namespaced))).toBe('denied')
    await bao.call('POST', 'tenant/sys/mounts/transit', { type: 'transit' })
    await bao.call('POST', 'tenant/transit/keys/mcpvault', { derived: true })
    expect(await outcomeOf(namespaced, () => wrapOf(namespaced))).toBe('done')
  })
})
