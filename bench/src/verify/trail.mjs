// A file with a long audit trail, made by a vault, and the vault opened again to verify it.
import { createVault, keyRing } from '@mcpvault/core'
import { sqliteStore } from '@mcpvault/sqlite'
import { openSqlite } from '../sqlite.mjs'
import { fillScope, nameAt } from '../vaults.mjs'

const callers = 64

/**
 * @typedef {{ readonly path: string, readonly key: Uint8Array }} TrailFile
 * @param {TrailFile & { readonly events: number }} file
 */
export async function writeTrail({ path, key, events }) {
  // A caller's own connection without fsync: only the finished file counts here.
  const database = openSqlite(path, 'OFF')
  const store = sqliteStore({ database })
  await store.migrate()
  const vault = vaultFor(store, key)
  const scope = vault.as({ id: 'alice' }, { correlationId: 'bench', sourceIp: '192.0.2.1' }).scope({ server: 'github' })
  await fillScope(scope)
  const names = Array.from({ length: callers }, (_, caller) => nameAt(caller))
  for (let done = 0; done < events; done += callers) await Promise.all(names.map((name) => scope.get(name)))
  await vault.close()
  store.close()
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  database.close()
}

/** @param {TrailFile} file */
export function openTrail({ path, key }) {
  const store = sqliteStore({ path })
  const vault = vaultFor(store, key)
  return {
    store,
    /** @param {import('@mcpvault/core').VerifyOptions} [options] */
    async verify(options) {
      const report = await vault.operator({ id: 'auditor', roles: ['auditor'] }).verifyAudit(options)
      if (!report.ok) throw new Error('The trail does not verify.')
      return report
    },
    async close() {
      await vault.close()
      store.close()
    },
  }
}

/** @param {import('@mcpvault/core').VaultStore} store @param {Uint8Array} key */
function vaultFor(store, key) {
  const keys = keyRing({ current: 'main#1', keys: { 'main#1': key } })
  return createVault({ keys, store, policy: { roles: { auditor: [{ allow: ['audit'] }] } } })
}
