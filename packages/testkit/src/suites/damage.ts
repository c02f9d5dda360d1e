// Rows that somebody altered past the store: each is found untrusted, and stops nothing and hides nobody.
import { type SecretScope, systemClock } from '@mcpvault/core'
import { describe, expect, test } from 'vitest'
import { codeOf } from '../vaults/index.ts'
import { operatorPrincipal } from '../vaults/principals.ts'
import { onStore, type VaultsOnStore } from './on-store.ts'
import type { StoreSetting } from './store-setting.ts'

const damagedRef = { owner: 'alice', server: 'github', name: 'damaged' }
const scopeOf = { owner: 'alice', server: 'github' }

/** What a call of a damaged secret does for somebody who may do anything with it. */
const verbs: readonly (readonly [string, (scope: SecretScope) => Promise<unknown>])[] = [
  ['get', (scope) => scope.get('damaged')],
  ['set', (scope) => scope.set('damaged', 'new')],
  ['update', (scope) => scope.update('damaged', { tags: ['new'] })],
  ['patch', (scope) => scope.patch('damaged', { field: 'new' })],
  ['restore', (scope) => scope.restore('damaged', 1)],
  ['describe', (scope) => scope.describe('damaged')],
  ['history', (scope) => scope.history('damaged')],
  ['delete', (scope) => scope.delete('damaged')],
  ['deactivate', (scope) => scope.deactivate('damaged')],
  ['share', (scope) => scope.share('damaged', { with: 'carol', permission: 'read' })],
  ['unshare', (scope) => scope.unshare('damaged', { with: 'bob' })],
  ['grants', (scope) => scope.grants('damaged')],
]

/** Alice's secrets `kept` and `damaged`, both given to bob, who has one of his own; then the bytes of one are cut. */
async function withDamage({ vault, tamper }: VaultsOnStore) {
  const before = vault()
  const alice = before.as({ id: 'alice' }).scope({ server: 'github' })
  const expiresAt = new Date(Date.now() + 3_600_000)
  for (const name of ['kept', 'damaged']) {
    await alice.set(name, `value of ${name}`, { expiresAt, tags: ['ci'] })
    await alice.share(name, { with: 'bob', permission: 'admin' })
  }
  await before.as({ id: 'bob' }).scope({ server: 'github' }).set('own', 'of bob')
  await tamper.recordBytes(damagedRef, (bytes) => bytes.subarray(0, bytes.length - 9))
  const after = vault()
  return {
    after,
    alice: after.as({ id: 'alice' }).scope(scopeOf),
    bob: after.as({ id: 'bob' }).scope(scopeOf),
  }
}

async function namesIn(pageOf: (cursor: string | undefined) => Promise<Awaited<ReturnType<SecretScope['list']>>>) {
  const names: string[] = []
  let cursor: string | undefined
  do {
    const page = await pageOf(cursor)
    for (const { name, state } of page.items) names.push(`${name} ${state}`)
    cursor = page.cursor
  } while (cursor !== undefined)
  return names.sort()
}

const at = (cursor: string | undefined) => ({ limit: 1, ...(cursor === undefined ? {} : { cursor }) })

export function damageSuite(setting: StoreSetting): void {
  describe('a record whose bytes are no record', () => {
    test('[N5] is untrusted to its owner, absent to all others, and hides nothing', () =>
      onStore(setting, async (parts) => {
        const { after, alice, bob } = await withDamage(parts)
        const own = ['damaged untrusted', 'kept active']
        expect(await namesIn((cursor) => alice.list(at(cursor)))).toEqual(own)
        expect(await namesIn((cursor) => after.as({ id: 'alice' }).listAll(at(cursor)))).toEqual(own)
        const shared = ['kept active', 'own active']
        expect(await namesIn((cursor) => after.as({ id: 'bob' }).listAll(at(cursor)))).toEqual(shared)
        expect(await bob.get('damaged')).toBeUndefined()
        const { values, errors } = await alice.getAll()
        expect([...values.keys()]).toEqual(['kept'])
        expect([...errors].map(([name, { code }]) => [name, code])).toEqual([['damaged', 'VAULT_OPEN_FAILED']])
        expect(await alice.require(['kept', 'damaged'])).toMatchObject({ ok: false, untrusted: ['damaged'] })
      }))

    test('[N5] is refused by every verb of its owner but destroy, after which its name is free', () =>
      onStore(setting, async (parts) => {
        const { alice, bob } = await withDamage(parts)
        for (const [verb, call] of verbs) expect(await codeOf(call(alice)), verb).toBe('VAULT_OPEN_FAILED')
        expect(await codeOf(bob.set('damaged', 'new'))).toBe('VAULT_ACCESS_DENIED')
        expect(await bob.destroy('damaged')).toBe(false)
        expect(await alice.destroy('damaged')).toBe(true)
        expect(await alice.set('damaged', 'new')).toMatchObject({ version: 1 })
        expect((await alice.get('damaged'))?.reveal()).toBe('new')
      }))

    test('[N5] is destroyed by its owner, or with its owner, also when its revision is no number', () =>
      onStore(setting, async (parts) => {
        const { after, alice } = await withDamage(parts)
        await parts.tamper.revision?.(damagedRef)
        expect(await codeOf(alice.set('damaged', 'new'))).toBe('VAULT_OPEN_FAILED')
        expect(await alice.destroy('damaged')).toBe(true)
        expect(await alice.set('damaged', 'new')).toMatchObject({ version: 1 })
        await parts.tamper.revision?.(damagedRef)
        expect(await after.operator(operatorPrincipal).eraseOwner('alice')).toMatchObject({ secrets: 2 })
      }))

    test('[N5] stops neither a sweep nor an erasure, nor that of somebody it was given to', () =>
      onStore(setting, async (parts) => {
        const { alice } = await withDamage(parts)
        const clock = { ...systemClock, now: () => new Date(Date.now() + 7_200_000) }
        const operator = parts.vault({ clock }).operator(operatorPrincipal)
        expect(await operator.sweep()).toEqual({ deactivated: 1, failed: 1 })
        expect(await operator.eraseOwner('bob')).toMatchObject({ secrets: 1, grants: 1 })
        expect(await operator.eraseOwner('alice')).toMatchObject({ secrets: 2 })
        expect((await alice.list({ state: 'any' })).items).toEqual([])
      }))
  })

  describe('a list', () => {
    test('[A16] shows nothing under a tag that only the database says', () =>
      onStore(setting, async ({ vault, tamper }) => {
        const shared = vault()
        const alice = shared.as({ id: 'alice' }).scope({ server: 'github' })
        await alice.set('damaged', 'of development', { tags: ['dev'] })
        await tamper.addTag(damagedRef, 'prod')
        const listed = async (options: Parameters<SecretScope['list']>[0]) =>
          [await alice.list(options), await shared.as({ id: 'alice' }).listAll(options)].map(
            ({ items }) => items.length,
          )
        expect(await listed({ tag: 'prod' })).toEqual([0, 0])
        expect(await listed({ anyTag: ['prod', 'test'] })).toEqual([0, 0])
        expect(await listed({ allTags: ['dev', 'prod'] })).toEqual([0, 0])
        expect(await listed({ tag: 'dev' })).toEqual([1, 1])
      }))
  })

  describe('a data key whose wraps are no list', () => {
    test('[N5] is counted, left by a rewrap, and destroyed with its owner', () =>
      onStore(setting, async ({ vault, tamper }) => {
        const shared = vault()
        await shared.as({ id: 'alice' }).scope({ server: 'github' }).set('damaged', 'of alice')
        await shared.as({ id: 'bob' }).scope({ server: 'github' }).set('own', 'of bob')
        await tamper.wraps(scopeOf)
        const after = vault()
        const alice = after.as({ id: 'alice' }).scope(scopeOf)
        expect(['VAULT_ENVELOPE_INVALID', 'VAULT_KEY_UNKNOWN']).toContain(await codeOf(alice.get('damaged')))
        const operator = after.operator(operatorPrincipal)
        // Those of alice, of bob, and of the audit trail.
        expect(await operator.census()).toMatchObject({ dataKeys: 3, unreadable: 1 })
        expect((await operator.rewrap()).quarantined).toMatchObject([{ code: 'VAULT_ENVELOPE_INVALID' }])
        expect(await operator.eraseOwner('alice')).toMatchObject({ dataKeys: 1, secrets: 1 })
        expect((await operator.rewrap()).quarantined).toEqual([])
      }))
  })
}
