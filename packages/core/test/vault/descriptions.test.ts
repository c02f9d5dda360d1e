// Descriptions are stored readable: none contains a value that is stored beside it, whichever verb brings either.

import { overwrite, storedAt } from '@mcpvault/testkit/forgery'
import { codeOf, testVault } from '@mcpvault/testkit/vaults'
import { describe, expect, it } from 'vitest'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { recordingStore } from '../../src/testing/index.ts'

const description = 'the password is hunter22, keep it'

describe('[S10] a value that the description contains', () => {
  it('is refused by a set that keeps the description, also of a deleted secret', async () => {
    const github = testVault().scope('alice')
    await github.set('token', 'first', { description })
    expect(await codeOf(github.set('token', 'hunter22'))).toBe('VAULT_VALUE_INVALID')
    expect(await codeOf(github.set('token', { user: 'me', password: 'hunter22' }))).toBe('VAULT_VALUE_INVALID')
    expect(await codeOf(github.set('token', Buffer.from('hunter22')))).toBe('VAULT_VALUE_INVALID')
    await github.delete('token')
    expect(await codeOf(github.set('token', 'hunter22'))).toBe('VAULT_VALUE_INVALID')
    expect(await github.set('token', 'hunter22', { description: null })).toMatchObject({ version: 2 })
  })

  it('is refused by a patch', async () => {
    const github = testVault().scope('alice')
    await github.set('token', { user: 'me!!' }, { description })
    expect(await codeOf(github.patch('token', { password: 'hunter22' }))).toBe('VAULT_VALUE_INVALID')
    expect(await github.patch('token', { password: 'hunter23' })).toMatchObject({ version: 2 })
  })

  it('is refused by a restore', async () => {
    const { scope, store } = testVault()
    const github = scope('alice')
    await github.set('token', 'hunter22')
    // Kept from a time before it was compared: the value is hidden from the comparison while the description is set.
    const { versions } = await storedAt(store)
    const hidden = versions.map(({ envelope: _, ...version }) => ({ ...version, envelope: new Uint8Array(200) }))
    await overwrite(store, { ...(await storedAt(store)), versions: hidden })
    await github.set('token', 'another', { description })
    const record = await storedAt(store)
    await overwrite(store, { ...record, versions: [...versions, ...record.versions.slice(1)] })
    expect(await codeOf(github.restore('token', 1))).toBe('VAULT_VALUE_INVALID')
    expect((await github.get('token'))?.reveal()).toBe('another')
  })
})

describe('[S10] a description that contains a value that is kept', () => {
  it('is refused by update and by set, for the current version and older ones, until they are gone', async () => {
    const github = testVault({ limits: { versions: 2 } }).scope('alice')
    await github.set('token', { password: 'hunter22' }, { description: 'of the site' })
    expect(await codeOf(github.update('token', { description }))).toBe('VAULT_VALUE_INVALID')
    await github.set('token', 'another')
    expect(await codeOf(github.update('token', { description }))).toBe('VAULT_VALUE_INVALID')
    expect(await codeOf(github.set('token', 'third', { description }))).toBe('VAULT_VALUE_INVALID')
    expect(await github.describe('token')).toMatchObject({ description: 'of the site', version: 2 })
    await github.set('token', 'third')
    expect(await github.update('token', { description })).toMatchObject({ description })
  })

  it('takes no look at the versions when it is the one that is stored', async () => {
    const store = recordingStore(memoryStore())
    const github = testVault({ store }).scope('alice')
    await github.set('token', 'first', { description: 'of the site' })
    store.forget()
    await github.set('token', 'second', { description: 'of the site' })
    await github.update('token', { description: 'of the site', tags: ['ci'] })
    expect(store.calls.filter((name) => name === 'secrets.find')).toHaveLength(2)
  })
})
