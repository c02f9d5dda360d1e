// Opens a filled file as a server would, and finds the cursors of its deep pages.
import { createVault, keyRing } from '@mcpvault/core'
import { sqliteStore } from '@mcpvault/sqlite'
import { secretPicker, server, userName } from './population.mjs'

export const pageSize = 100

/**
 * @param {object} file
 * @param {string} file.path
 * @param {Uint8Array} file.key
 * @param {import('./population.mjs').Population} file.population
 */
export function openFilled({ path, key, population }) {
  const store = sqliteStore({ path })
  const keys = keyRing({ current: 'main#1', keys: { 'main#1': key } })
  const vault = createVault({ keys, store, audit: { mode: 'dangerously-off' } })
  const scopes = Array.from({ length: population.users }, (_, user) =>
    vault.as({ id: userName(user) }).scope({ server }),
  )
  const byOwner = new Map(scopes.map((scope) => [scope.owner, scope]))
  const [heavy] = scopes
  const pick = secretPicker(population)

  return {
    /** @param {number} turn */
    async read(turn) {
      const { owner, name } = pick(turn)
      const value = await byOwner.get(owner)?.get(name)
      if (value === undefined) throw new Error(`${owner} has no ${name}.`)
      return value
    },
    /** @param {string | undefined} cursor */
    page: (cursor) => heavy.list({ limit: pageSize, ...(cursor === undefined ? {} : { cursor }) }),
    /** Reads one secret of each user, so that every data key is unwrapped. */
    async warmKeys() {
      for (const scope of scopes) await scope.get('SECRET_0')
    },
    /** The cursors of the first, the middle and the last full page of the user with very many secrets. */
    async cursors() {
      /** @type {(string | undefined)[]} */
      const cursors = []
      let cursor
      for (;;) {
        const page = await this.page(cursor)
        if (page.items.length === pageSize) cursors.push(cursor)
        cursor = page.cursor
        if (cursor === undefined)
          return { first: undefined, middle: cursors[cursors.length >> 1], last: cursors.at(-1) }
      }
    },
    async close() {
      await vault.close()
      store.close()
    },
  }
}
