// set on SQLite with the audit trail required, against a durable UPSERT of the same sealed value.
import { join } from 'node:path'
import { sqliteStore } from '@mcpvault/sqlite'
import { bareTable } from '../bare-table.mjs'
import { race } from '../rounds.mjs'
import { raceRows } from '../rows.mjs'
import { sealedSamples } from '../sealed-samples.mjs'
import { sqliteDriver } from '../sqlite.mjs'
import { fillScope, inTemporaryFolder, vaultOn } from '../vaults.mjs'

const secrets = 100
const effort = { full: { rounds: 41, turnMs: 20 }, smoke: { rounds: 2, turnMs: 2 } }

/** @param {{ readonly effort: import('../arguments.mjs').Effort }} input */
export function run(input) {
  return inTemporaryFolder(async (folder) => {
    const store = sqliteStore({ path: join(folder, 'vault.db') })
    await store.migrate()
    const vaults = [vaultOn(store, 'required'), vaultOn(store, 'dangerously-off')]
    const [required, off] = vaults.map((vault) => vault.as({ id: 'alice' }).scope({ server: 'github' }))
    const names = await fillScope(required, secrets)
    const { seal } = await sealedSamples(names)
    const table = bareTable(join(folder, 'bare.db'))
    const nameAt = (turn) => names[turn % secrets]
    const results = await race(
      [
        { name: 'seal + durable UPSERT', run: (turn) => table.put(nameAt(turn), seal(nameAt(turn))) },
        { name: 'audit required', run: (turn) => required.set(nameAt(turn), `a secret value ${turn}`) },
        { name: 'audit dangerously-off', run: (turn) => off.set(nameAt(turn), `a secret value ${turn}`) },
      ],
      effort[input.effort],
    )
    for (const vault of vaults) await vault.close()
    store.close()
    table.close()
    const notes = [`SQLite through ${sqliteDriver}, synchronous = FULL; each set keeps up to ten versions.`]
    return { rows: raceRows({ work: 'set, SQLite', results }), notes }
  })
}
