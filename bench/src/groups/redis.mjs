// The Redis store against a bare GET on the same client.
import { redisStore } from '@mcpvault/redis'
import { Redis } from 'ioredis'
import { concurrently } from '../callers.mjs'
import { loadTestkit } from '../internals.mjs'
import { race } from '../rounds.mjs'
import { raceRows } from '../rows.mjs'
import { sealedSamples } from '../sealed-samples.mjs'
import { fillScope, vaultOn } from '../vaults.mjs'

const secrets = 100
const callers = 32
const effort = { full: { rounds: 41, turnMs: 30 }, smoke: { rounds: 2, turnMs: 2 } }

/** @param {{ readonly effort: import('../arguments.mjs').Effort }} input */
export async function run(input) {
  const { startRedis } = await loadTestkit()
  const server = await startRedis()
  const client = new Redis(server.url)
  try {
    const store = redisStore({ client })
    await store.migrate()
    const vault = vaultOn(store, 'buffered')
    const scope = vault.as({ id: 'alice' }).scope({ server: 'github' })
    const names = await fillScope(scope, secrets)
    const { samples } = await sealedSamples(names)
    for (const { name, envelope } of samples) await client.set(`bare:${name}`, Buffer.from(envelope))
    const keyAt = (turn) => `bare:${names[turn % secrets]}`
    const nameAt = (turn) => names[turn % secrets]
    const options = effort[input.effort]
    const alone = await race(
      [
        { name: 'GET', run: (turn) => client.getBuffer(keyAt(turn)) },
        { name: 'audit buffered', run: (turn) => scope.get(nameAt(turn)) },
      ],
      options,
    )
    const many = await race(
      [
        concurrently({ name: 'GET', callers, call: (turn) => client.getBuffer(keyAt(turn)) }),
        concurrently({ name: 'audit buffered', callers, call: (turn) => scope.get(nameAt(turn)) }),
      ],
      options,
    )
    await vault.close()
    return {
      rows: [
        ...raceRows({ work: 'get, 1 caller', results: alone, goals: { 'audit buffered': 1.4 } }),
        ...raceRows({ work: `get, ${callers} callers`, results: many }),
      ],
      notes: [`appendfsync always, values of 32 bytes, ${secrets} secrets in turn.`],
    }
  } finally {
    client.disconnect()
    await server.stop()
  }
}
