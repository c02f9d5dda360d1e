// What the HTTP handler adds to a read: a reveal through it, against a bare route of Hono that calls the same get.
import { memoryStore } from '@mcpvault/core'
import { vaultHandler } from '@mcpvault/http'
import { Hono } from 'hono'
import { raceOptions } from '../effort.mjs'
import { race } from '../rounds.mjs'
import { raceRows, valueRow } from '../rows.mjs'
import { fillScope, nameAt, scopeOf, vaultOn } from '../vaults.mjs'

const origin = 'https://vault.example'
const headers = { 'content-type': 'application/json' }

/** @param {{ readonly effort: import('../effort.mjs').Effort }} input */
export async function run({ effort }) {
  const vault = vaultOn(memoryStore(), 'dangerously-off')
  await fillScope(scopeOf(vault))
  const bare = new Hono().post('/secrets/:server/:name/reveal', async (c) => {
    await c.req.json()
    const value = await vault
      .as({ id: 'alice' })
      .scope({ server: c.req.param('server') })
      .get(c.req.param('name'))
    return c.json({ success: true, data: { value: value?.reveal() } })
  })
  const principal = () => ({ id: 'alice' })
  const handler = vaultHandler({ vault, principal, limits: { revealsPerMinute: 1_000_000 } })
  const results = await race(
    [
      { name: 'bare Hono', run: (turn) => read(bare.request(requestOf('', turn))) },
      { name: 'handler', run: (turn) => read(handler(requestOf('/api/v1', turn))) },
    ],
    raceOptions(effort, { clock: 'cpu' }),
  )
  await vault.close()
  const [floor, through] = results
  const added = (through?.medianUs ?? 0) - (floor?.medianUs ?? 0)
  const work = 'reveal over HTTP'
  return {
    rows: [
      ...raceRows({ work, results }),
      valueRow({ work, contestant: 'CPU that the handler adds', value: added, unit: 'us', goal: 'http-reveal' }),
    ],
    notes: ['No socket: a Request in, a Response out. Values of 32 bytes in memory, audit off.'],
  }
}

/** @param {string} base @param {number} turn */
function requestOf(base, turn) {
  const path = `${base}/secrets/github/${nameAt(turn)}/reveal`
  return new Request(`${origin}${path}`, { method: 'POST', headers, body: '{}' })
}

/** @param {Response | Promise<Response>} answered */
async function read(answered) {
  const response = await answered
  const text = await response.text()
  if (response.status !== 200) throw new Error(`The answer was ${response.status}: ${text}`)
}
