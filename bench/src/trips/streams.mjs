// Many streams in one trail: as many vaults as processes, each of which reads a secret and is not closed.
import { createVault, keyRing } from '@mcpvault/core'
import { postgresStore } from '@mcpvault/postgres'
import { openPool } from '../servers/postgres.mjs'
import { forEachTurn, nameAt, scopeOf } from '../vaults.mjs'

/** @param {{ readonly url: string, readonly key: Uint8Array, readonly streams: number }} input */
export async function run({ url, key, streams }) {
  const pool = openPool(url)
  await forEachTurn(async () => {
    const keys = keyRing({ current: 'main#1', keys: { 'main#1': key } })
    await scopeOf(createVault({ keys, store: postgresStore({ pool }) })).get(nameAt(0))
  }, streams)
  // As processes that are killed: none of them says that its stream ends.
  setImmediate(() => process.exit())
  return streams
}
