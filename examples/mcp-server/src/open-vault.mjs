// Opens the vault of the example: one SQLite file, and one role for whoever reads the trail and looks after keys.
import { createVault } from '@mcpvault/core'
import { sqliteStore } from '@mcpvault/sqlite'

/** @type {import('@mcpvault/core').Policy} */
const policy = { roles: { operator: [{ allow: ['audit', 'operate'] }] } }

/** @typedef {ReturnType<typeof openVault>} OpenVault */

/**
 * @param {{ databasePath: string, keys: import('@mcpvault/core').KeyProvider }} options
 */
export function openVault({ databasePath, keys }) {
  const store = sqliteStore({ path: databasePath })
  const vault = createVault({ keys, store, policy })
  return {
    store,
    vault,
    operator: { id: 'olga', roles: ['operator'] },
    /** Writes the last events of this process, forgets the keys and closes the file. */
    async close() {
      await vault.close()
      store.close()
    },
  }
}
