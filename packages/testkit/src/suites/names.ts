// Text that means something to a database, as every field that a caller can fill: stored as it is, or refused.
import { describe, expect, test } from 'vitest'
import { onStore } from './on-store.ts'
import type { StoreSetting } from './store-setting.ts'

/** Quotes, comments, operators, paths, patterns, separators, hash tags, normal forms, the longest. */
const texts = [
  `'; DROP TABLE mcpvault_secrets; --`,
  '" OR "1"="1',
  '$1',
  '$where',
  '{ "$ne": 1 }',
  'a.b',
  '__proto__',
  'constructor',
  '{tag}',
  '}{',
  'a:b',
  '?',
  '[a-z]',
  'a\\',
  '%_',
  '\u00e9',
  'e\u0301',
  '\u{1f511}',
  'z'.repeat(256),
] as const

/** What an owner or a server may be, and a name may not. */
const patterns = ['*', 'a/b', 'auth0|1', 'a@example.com'] as const
const objects: readonly unknown[] = [{ $ne: 1 }, { $gt: '' }, ['token'], { toString: () => 'token' }, 1, null]

export function namesSuite(setting: StoreSetting): void {
  describe('fields', () => {
    test('[S43] that look like statements are text in every place, and each is a name of its own', () =>
      onStore(setting, async ({ vault }) => {
        const shared = vault()
        const owners = [...texts, ...patterns]
        for (const text of owners) {
          const name = texts.some((each) => each === text) ? text : 'token'
          const settings = { tags: [text], description: `about ${text}`.slice(0, 300) }
          const scope = shared.as({ id: text }).scope({ server: text })
          await scope.set(name, `value of ${text}`, settings)
          await scope.share(name, { with: `friend of ${text}`.slice(-250), permission: 'read' })
        }
        for (const text of owners) {
          const name = texts.some((each) => each === text) ? text : 'token'
          const scope = shared.as({ id: text }).scope({ server: text })
          expect((await scope.get(name))?.reveal()).toBe(`value of ${text}`)
          const { items } = await scope.list({ tag: text })
          expect(items.map((item) => 'tags' in item && item.tags)).toEqual([[text]])
          expect([...(await scope.getAll()).values.keys()]).toEqual([name])
          const friend = shared.as({ id: `friend of ${text}`.slice(-250) })
          expect((await friend.listAll()).items.map(({ owner }) => owner)).toEqual([text])
          const own = await shared.as({ id: text }).auditLog({ name })
          expect(new Set(own.items.map(({ event }) => event.owner))).toEqual(new Set([text]))
          expect(await shared.as({ id: 'stranger' }).scope({ owner: text, server: text }).get(name)).toBeUndefined()
        }
      }))

    test('[S43] that are no text are refused before the store is asked', () =>
      onStore(setting, async ({ vault }) => {
        const shared = vault()
        await shared.as({ id: 'alice' }).scope({ server: 'github' }).set('token', 'of alice')
        const scope = shared.as({ id: 'alice' }).scope({ server: 'github' })
        for (const object of objects) {
          // What plain JavaScript may pass.
          const text = object as string
          expect(() => shared.as({ id: text })).toThrow()
          expect(() => shared.as({ id: 'alice' }).scope({ server: text })).toThrow()
          await expect(async () => await scope.get(text)).rejects.toThrow()
          await expect(async () => await scope.list({ tag: text })).rejects.toThrow()
        }
        for (const text of ['a\0b', 'a\r\nb', '', '\ud800', 'x'.repeat(257)]) {
          await expect(async () => await scope.get(text)).rejects.toMatchObject({ code: 'VAULT_REF_INVALID' })
        }
      }))
  })
}
