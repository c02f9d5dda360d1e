// get on Redis against a bare GET on the same client.
import { redisStore } from '@mcpvault/redis'
import { Redis } from 'ioredis'
import { raceOptions } from '../effort.mjs'
import { loadTestkit } from '../internals.mjs'
import { race } from '../rounds.mjs'
import { raceRows } from '../rows.mjs'
import { sealedSamples } from '../sealed-samples.mjs'
import { callers, fillScope, forEachTurn, nameAt, scopeOf, vaultOn } from '../vaults.mjs'

/** @param {{ readonly effort: import('../effort.mjs').Effort }} input */
export async function run({ effort }) {
  const { startRedis } = await loadTestkit()
  const server = await startRedis()
  const client = new Redis(server.url)
  try {
    const store = redisStore({ client })
    await store.migrate()
    const vault = vaultOn(store, 'buffered')
    const scope = scopeOf(vault)
    await fillScope(scope)
    const { samples } = await sealedSamples([nameAt(0)])
    const keyAt = (turn) => `bare:${nameAt(turn)}`
    await forEachTurn((turn) => client.set(keyAt(turn), Buffer.from(samples[0].envelope)))
    const get = { name: 'GET', run: (turn) => client.getBuffer(keyAt(turn)) }
    const buffered = { name: 'audit buffered', run: (turn) => scope.get(nameAt(turn)) }
    const alone = await race([get, buffered], raceOptions(effort))
    const many = await race(
      [
        { ...get, callers },
        { ...buffered, callers },
      ],
      raceOptions(effort),
    )
    await vault.close()
    return {
      rows: [
        ...raceRows({ work: 'get, 1 caller', results: alone, goals: { 'audit buffered': 'redis-get' } }),
        ...raceRows({ work: `get, ${callers} callers`, results: many }),
      ],
      notes: ['appendfsync always, values of 32 bytes.'],
    }
  } finally {
    client.disconnect()
    await server.stop()
  }
}
