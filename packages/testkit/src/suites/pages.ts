// Lists and whole scopes on a real store: in order, complete, in few calls.
import { createVault, generateKey, keyRing } from '@mcpvault/core'
import { recordingStore } from '@mcpvault/core/testing'
import { describe, expect, test } from 'vitest'
import { longTest } from '../campaign/extent.ts'
import { flipped, overwrite, storedAt } from '../forgery.ts'
import { onStore } from './on-store.ts'
import type { StoreSetting } from './store-setting.ts'

const users = 10
const atOnce = 32

export function pagesSuite(setting: StoreSetting): void {
  const count = setting.pagedSecrets ?? 10_000

  describe('pages', longTest, () => {
    test(
      `[S30][S47] of ${count} secrets are newest first and complete, shared ones included, at one store call each`,
      () =>
        onStore(setting, async ({ store }) => {
          const recording = recordingStore(store)
          const keys = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })
          const vault = createVault({ keys, store: recording, audit: { mode: 'dangerously-off' } })
          let next = 0
          const fill = async (): Promise<void> => {
            while (next < count) {
              const index = next
              next += 1
              const scope = vault.as({ id: `user-${index % users}` }).scope({ server: 'github' })
              await scope.set(`SECRET_${index}`, `value ${index}`)
              if (index % 50 === 1) await scope.share(`SECRET_${index}`, { with: 'user-0', permission: 'read' })
            }
          }
          await Promise.all(Array.from({ length: atOnce }, fill))
          await vault.as({ id: 'user-0' }).scope({ server: 'github' }).get('SECRET_0')
          recording.forget()
          const names: string[] = []
          const times: number[] = []
          let pages = 0
          let cursor: string | undefined
          do {
            const options = cursor === undefined ? { limit: 100 } : { limit: 100, cursor }
            const page = await vault.as({ id: 'user-0' }).listAll(options)
            for (const item of page.items) {
              names.push(item.name)
              if ('createdAt' in item) times.push(item.createdAt.getTime())
            }
            pages += 1
            cursor = page.cursor
          } while (cursor !== undefined)
          const own = Array.from({ length: count }, (_, index) => index).filter((index) => index % users === 0)
          const shared = Array.from({ length: count }, (_, index) => index).filter((index) => index % 50 === 1)
          const expected = [...own, ...shared].map((index) => `SECRET_${index}`)
          expect([...names].sort()).toEqual(expected.sort())
          expect(times).toEqual([...times].sort((a, b) => b - a))
          expect(recording.calls.filter((name) => name === 'secrets.list').length).toBeLessThanOrEqual(pages + 1)
          expect(recording.calls.filter((name) => name === 'secrets.find')).toEqual([])
          await vault.close()
        }),
      300_000,
    )

    test('[N5][S46] a whole scope is one store call, and so is one secret whose key is known', () =>
      onStore(setting, async ({ store }) => {
        const recording = recordingStore(store)
        const keys = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })
        const vault = createVault({ keys, store: recording, audit: { mode: 'buffered' } })
        const scope = vault.as({ id: 'alice' }).scope({ server: 'github' })
        for (const name of ['one', 'two', 'three']) await scope.set(name, `value of ${name}`)
        recording.forget()
        expect((await scope.getAll()).values.size).toBe(3)
        expect(recording.calls.filter((name) => !name.startsWith('audit.'))).toEqual(['secrets.findAll'])
        recording.forget()
        expect((await scope.get('two'))?.reveal()).toBe('value of two')
        expect(recording.calls.filter((name) => !name.startsWith('audit.'))).toEqual(['secrets.find'])
        await vault.close()
      }))

    test('[N5] one altered secret is reported beside the others', () =>
      onStore(setting, async ({ vault, store }) => {
        const shared = vault()
        const scope = shared.as({ id: 'alice' }).scope({ server: 'github' })
        for (const name of ['one', 'two']) await scope.set(name, `value of ${name}`)
        const record = await storedAt(store, { owner: 'alice', server: 'github', name: 'two' })
        const versions = record.versions.map(({ envelope = record.mac, ...rest }) => ({
          ...rest,
          envelope: flipped(envelope, 850),
        }))
        await overwrite(store, { ...record, versions })
        const { values, errors } = await scope.getAll()
        expect([...values].map(([name, value]) => [name, value.reveal()])).toEqual([['one', 'value of one']])
        expect([...errors].map(([name, error]) => [name, error.code])).toEqual([['two', 'VAULT_OPEN_FAILED']])
      }))

    test('[N6] deleting a secret leaves the others of its scope, and setting one again makes no second', () =>
      onStore(setting, async ({ vault }) => {
        const scope = vault().as({ id: 'alice' }).scope({ server: 'github' })
        for (const name of ['one', 'two']) await scope.set(name, 'first')
        expect((await scope.set('one', 'second')).version).toBe(2)
        expect((await scope.list()).items).toHaveLength(2)
        await scope.delete('one')
        expect((await scope.list()).items.map(({ name }) => name)).toEqual(['two'])
        expect((await scope.get('two'))?.reveal()).toBe('first')
      }))
  })
}
