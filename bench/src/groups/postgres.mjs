// The Postgres store against bare statements on the same pool: get and set, alone and with many callers.
import { concurrently } from '../callers.mjs'
import { race } from '../rounds.mjs'
import { raceRows } from '../rows.mjs'
import { sealedSamples } from '../sealed-samples.mjs'
import { barePostgres } from '../servers/bare-postgres.mjs'
import { onPostgres, poolSize } from '../servers/postgres.mjs'
import { fillScope, vaultOn } from '../vaults.mjs'

const secrets = 100
const callers = 32
const effort = { full: { rounds: 31, turnMs: 60 }, smoke: { rounds: 2, turnMs: 2 } }

/** @param {{ readonly effort: import('../arguments.mjs').Effort }} input */
export function run(input) {
  return onPostgres(async ({ pool, store }) => {
    const vaults = { buffered: vaultOn(store, 'buffered'), required: vaultOn(store, 'required') }
    const [buffered, required] = [vaults.buffered, vaults.required].map((vault) =>
      vault.as({ id: 'alice' }).scope({ server: 'github' }),
    )
    const names = await fillScope(required, secrets)
    const { samples, seal } = await sealedSamples(names)
    const table = await barePostgres(pool)
    for (const { name, envelope } of samples) await table.put(name, envelope)
    const nameAt = (turn) => names[turn % secrets]
    const options = effort[input.effort]
    const alone = await race(
      [
        { name: 'named SELECT', run: (turn) => table.get(nameAt(turn)) },
        { name: 'audit buffered', run: (turn) => buffered.get(nameAt(turn)) },
        { name: 'audit required', run: (turn) => required.get(nameAt(turn)) },
      ],
      options,
    )
    const reads = await race(
      [
        concurrently({ name: 'named SELECT', callers, call: (turn) => table.get(nameAt(turn)) }),
        concurrently({ name: 'audit buffered', callers, call: (turn) => buffered.get(nameAt(turn)) }),
        concurrently({ name: 'audit required', callers, call: (turn) => required.get(nameAt(turn)) }),
      ],
      options,
    )
    const writes = await race(
      [
        concurrently({
          name: 'seal + durable UPSERT',
          callers,
          call: (turn) => table.put(nameAt(turn), seal(nameAt(turn))),
        }),
        concurrently({
          name: 'audit required',
          callers,
          call: (turn) => required.set(nameAt(turn), `a secret value ${turn}`),
        }),
      ],
      options,
    )
    for (const vault of Object.values(vaults)) await vault.close()
    return {
      rows: [
        ...raceRows({ work: 'get, 1 caller', results: alone, goals: { 'audit buffered': 1.15 } }),
        ...raceRows({ work: `get, ${callers} callers`, results: reads, goals: { 'audit required': 2 } }),
        ...raceRows({ work: `set, ${callers} callers`, results: writes, goals: { 'audit required': 2 } }),
      ],
      notes: [
        `A pool of ${poolSize}, fsync on, values of 32 bytes, ${secrets} secrets in turn.`,
        'Many callers: the time of one call as the throughput of all gives it, so 2 x is half the throughput.',
      ],
    }
  })
}
