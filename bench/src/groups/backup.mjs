// backup and restore of a vault on SQLite, with a trail as long as the secrets are many, against the same by hand.
import { join } from 'node:path'
import { createVault } from '@mcpvault/core'
import { archiveTo, fileSink, fileSource, restore, verifyBackup } from '@mcpvault/core/backup'
import { sqliteStore } from '@mcpvault/sqlite'
import { wholeOptions } from '../effort.mjs'
import { backUpByHand, restoreByHand } from '../floor/archive.mjs'
import { sqliteFloor } from '../floor/sqlite.mjs'
import { raceWholes } from '../rounds.mjs'
import { raceRows } from '../rows.mjs'
import { openSqlite } from '../sqlite.mjs'
import { forEachTurn, inTemporaryFolder, benchKeys as keys, scopeOf, value } from '../vaults.mjs'

const secretCount = { full: 5_000, smoke: 20 }
const policy = { roles: { operator: [{ allow: ['operate'] }] } }

/** @param {{ readonly effort: import('../effort.mjs').Effort }} input */
export function run({ effort }) {
  const count = secretCount[effort]
  return inTemporaryFolder(async (folder) => {
    let files = 0
    const newPath = (ending) => join(folder, `${++files}.${ending}`)
    const openStore = async () => {
      const database = openSqlite(newPath('db'), 'OFF')
      const store = sqliteStore({ database })
      await store.migrate()
      return { database, store }
    }
    const openFloor = () => sqliteFloor({ path: newPath('db'), synchronous: 'OFF' })
    const from = await openStore()
    const vault = createVault({ keys, store: from.store, policy })
    await fillScope(scopeOf(vault), count)
    const operator = vault.operator({ id: 'olga', roles: ['operator'] })
    const floor = openFloor()
    floor.setAll(
      Array.from({ length: count }, (_, index) => ({ owner: 'alice', server: 'github', name: `SECRET_${index}` })),
      value,
    )
    const archives = { byHand: newPath('archive'), vault: newPath('mcvault') }
    backUpByHand({ database: floor.database, path: archives.byHand })
    await operator.backup({ to: archiveTo(fileSink(archives.vault)) })

    const backups = await raceWholes(
      [
        {
          name: 'encrypted pages by hand',
          operations: count,
          prepare: () => newPath('archive'),
          run: (path) => backUpByHand({ database: floor.database, path }),
        },
        {
          name: 'backup',
          operations: count,
          prepare: () => newPath('mcvault'),
          async run(path) {
            const { secrets } = await operator.backup({ to: archiveTo(fileSink(path)) })
            if (secrets !== count) throw new Error(`${secrets} of ${count} secrets were backed up.`)
          },
        },
      ],
      wholeOptions(effort),
    )
    const restores = await raceWholes(
      [
        {
          name: 'encrypted pages by hand',
          operations: count,
          prepare: openFloor,
          run: ({ database }) => restoreByHand({ database, path: archives.byHand }),
          finish: (target) => target.close(),
        },
        {
          name: 'restore',
          operations: count,
          prepare: openStore,
          async run({ store: to }) {
            const { secrets } = await restore({ from: fileSource(archives.vault), to, keys })
            if (secrets !== count) throw new Error(`${secrets} of ${count} secrets were restored.`)
          },
          finish({ store, database }) {
            store.close()
            database.close()
          },
        },
        {
          name: 'verifyBackup',
          operations: count,
          prepare: () => undefined,
          async run() {
            const { ok } = await verifyBackup({ from: fileSource(archives.vault), keys })
            if (!ok) throw new Error('The archive does not open.')
          },
        },
      ],
      wholeOptions(effort),
    )
    await vault.close()
    from.store.close()
    from.database.close()
    await floor.close()
    return {
      rows: [
        ...raceRows({ work: 'backup, SQLite', results: backups, goals: { backup: 'backup' } }),
        ...raceRows({ work: 'restore, SQLite', results: restores, goals: { restore: 'restore' } }),
      ],
      notes: [
        `${count} secrets of one version, each with its audit row; the time is that of one secret.`,
        'By hand the whole file is held in memory to be restored. verifyBackup opens every value and checks the trail.',
      ],
    }
  })
}

async function fillScope(scope, count) {
  await scope.set('SECRET_0', value)
  await forEachTurn(async (turn) => turn > 0 && scope.set(`SECRET_${turn}`, value), count)
}
