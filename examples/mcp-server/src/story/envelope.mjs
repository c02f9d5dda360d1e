// Reads the stored, sealed form of alice's token, which needs the file and no key.
import { sqliteStore } from '@mcpvault/sqlite'
import { serverName } from '../tools.mjs'

/**
 * @param {string} databasePath
 * @returns {Promise<Buffer>}
 */
export async function readEnvelope(databasePath) {
  const store = sqliteStore({ path: databasePath })
  try {
    const record = await store.secrets.find({ owner: 'alice', server: serverName, name: 'token' }, 'current')
    const { envelope } = record?.versions.at(-1) ?? {}
    if (envelope === undefined) throw new Error('The token of alice is not stored.')
    return Buffer.from(envelope)
  } finally {
    store.close()
  }
}
