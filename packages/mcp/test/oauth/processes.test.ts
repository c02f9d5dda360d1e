// OAuth tokens that many processes find expired at once: each refresh token is spent once, also when one of them is killed.

import { afterAll, beforeAll, expect, it } from 'vitest'
import { buildProgram, type Kill, runCampaign } from './support/campaign.ts'

let remove: () => Promise<void>
beforeAll(async () => {
  remove = await buildProgram()
})
afterAll(() => remove())

const isLong = process.env['MCPVAULT_LONG'] === '1'
const size = isLong
  ? { processes: 8, callers: 4, rounds: 1_000, every: 50 }
  : { processes: 3, callers: 2, rounds: 60, every: 25 }

/** A kill in every so many rounds, by turns before and after the server has taken the request. */
function killsEvery({ rounds, every }: { readonly rounds: number; readonly every: number }): ReadonlyMap<number, Kill> {
  const count = Math.floor((rounds - 1) / every)
  return new Map(
    Array.from({ length: count }, (_, index) => [(index + 1) * every, index % 2 === 0 ? 'before' : 'after']),
  )
}

it('spend each refresh token once, and a kill costs one sign-in at most', {
  timeout: isLong ? 3_600_000 : 60_000,
}, async () => {
  const kills = killsEvery(size)
  const result = await runCampaign({ ...size, kills })
  // A process that was killed after the server had taken its request has spent its token, as the next one finds out.
  const spent = [...kills.values()].filter((kill) => kill === 'after').length
  const expected = {
    granted: size.rounds,
    refused: spent,
    revoked: spent,
    signIns: spent,
    killed: kills.size,
    wrong: [],
  }
  expect(result).toEqual(expected)
})
