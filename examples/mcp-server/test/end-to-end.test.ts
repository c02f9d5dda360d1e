// What a vault is bought for, end to end: five promises, each kept by the example on a real database file.
import { generateKey, keyRing } from '@mcpvault/core'
import { describe, expect, it } from 'vitest'
import { bytesOnDisk, holdsText } from '../src/bytes-on-disk.mjs'
import { openVault } from '../src/open-vault.mjs'
import { startCast } from './support/cast.ts'
import { vaultFolder } from './support/vault-folder.ts'

describe('end to end', () => {
  it('[S2] centralized management: the secrets of all users and servers are in one vault', async () => {
    const { alice, bob, vault } = await startCast()
    await vault.as({ id: 'alice' }).scope({ server: 'mail' }).set('password', 'correct horse')
    const { items } = await vault.as({ id: 'alice' }).listAll()
    expect(items.map(({ server, name }) => `${server}/${name}`).sort()).toEqual(['issues/token', 'mail/password'])
    expect((await alice.call('whoami')).text).toBe('alice')
    expect((await bob.call('whoami')).text).toBe('bob')
  })

  it('[S2] audit trail: each tool call leaves an event, also the refused one, and the trail verifies', async () => {
    const { alice, bob, vault, operator } = await startCast()
    await vault.as({ id: 'alice' }).scope({ server: 'issues' }).set('billing_key', 'only for alice')
    await alice.call('whoami')
    await bob.call('read_invoices', { owner: 'alice' })
    await bob.call('read_invoices', { owner: 'nobody' })
    const { items } = await vault.as(operator).auditLog({ actions: ['secret.accessed'] })
    const seen = items.map(({ event }) => `${event.principal} ${event.owner}/${event.name} ${event.outcome}`)
    expect(seen.sort()).toEqual([
      'alice alice/token allowed',
      'bob alice/billing_key denied',
      'bob nobody/billing_key missing',
    ])
    expect(await vault.operator(operator).verifyAudit()).toMatchObject({ ok: true, problems: [] })
  })

  it('[S2] access control: a secret works for others only while it is shared, and else looks absent', async () => {
    const { bob, vault, tokens } = await startCast()
    const alice = vault.as({ id: 'alice' }).scope({ server: 'issues' })
    await alice.set('board_key', tokens.board)
    const absent = await bob.call('read_board', { owner: 'nobody' })
    expect(absent.ok).toBe(false)
    expect(await bob.call('read_board', { owner: 'alice' })).toEqual(absent)
    await alice.share('board_key', { with: 'bob', permission: 'read' })
    expect(await bob.call('read_board', { owner: 'alice' })).toEqual({ ok: true, text: 'Release board: 3 cards' })
    await alice.unshare('board_key', { with: 'bob' })
    expect(await bob.call('read_board', { owner: 'alice' })).toEqual(absent)
  })

  it('[S2] encryption at rest: neither a value nor the key is in the database file', async () => {
    const { vault, databasePath, tokens, close } = await vaultFolder()
    const bytes = bytesOnDisk(databasePath)
    expect(bytes.includes('issues')).toBe(true)
    for (const token of [tokens.alice, tokens.bob]) expect(holdsText(bytes, token)).toBe(false)
    expect((await vault.as({ id: 'bob' }).scope({ server: 'issues' }).get('token'))?.reveal()).toBe(tokens.bob)
    await close()
    for (const token of [tokens.alice, tokens.bob]) expect(holdsText(bytesOnDisk(databasePath), token)).toBe(false)
  })

  it('[S2] rotation: a new value takes over at once, and a new key takes over without a value being lost', async () => {
    const { folder } = await vaultFolder()
    const databasePath = `${folder}/rotated.db`
    const [first, second] = [generateKey(), generateKey()]
    const before = openVault({ databasePath, keys: keyRing({ current: 'main#1', keys: { 'main#1': first } }) })
    await before.store.migrate()
    const written = before.vault.as({ id: 'alice' }).scope({ server: 'issues' })
    await written.set('token', 'old')
    await written.set('token', 'new')
    expect((await written.get('token'))?.reveal()).toBe('new')
    expect((await written.get('token', { version: 1 }))?.reveal()).toBe('old')
    await before.close()

    const both = keyRing({ current: 'main#2', keys: { 'main#1': first, 'main#2': second } })
    const during = openVault({ databasePath, keys: both })
    const keys = during.vault.operator(during.operator)
    await expect(keys.assertRetirable('main#1')).rejects.toMatchObject({ code: 'VAULT_CONFLICT' })
    expect(await keys.rewrap()).toMatchObject({ quarantined: [] })
    await keys.assertRetirable('main#1')
    await during.close()

    const after = openVault({ databasePath, keys: keyRing({ current: 'main#2', keys: { 'main#2': second } }) })
    const read = after.vault.as({ id: 'alice' }).scope({ server: 'issues' })
    expect((await read.get('token'))?.reveal()).toBe('new')
    expect(await after.vault.operator(after.operator).verifyAudit()).toMatchObject({ ok: true })
    await after.close()
  })
})

describe('the search for a text in bytes', () => {
  const text = 'a secret to find'
  const plain = Buffer.from(`xy${text}z`)
  it.each([
    ['as it is', plain],
    ['in hex', Buffer.from(plain.toString('hex'))],
    ['in base64', Buffer.from(plain.toString('base64'))],
    ['in base64url', Buffer.from(Buffer.concat([Buffer.from('>'), plain]).toString('base64url'))],
  ])('finds it %s', (_form, bytes) => {
    expect(holdsText(bytes, text)).toBe(true)
    expect(holdsText(bytes, 'another secret..')).toBe(false)
  })
})
