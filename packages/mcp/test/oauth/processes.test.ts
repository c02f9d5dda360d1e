// OAuth tokens that many processes find expired at once: each refresh token is spent once, whoever is killed.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildProgram, type Kill, runCampaign } from './support/campaign.ts'

let remove: () => Promise<void>
beforeAll(async () => {
  remove = await buildProgram()
})
afterAll(() => remove())

/** A kill in every so many rounds, by turns before and after the server has taken the request. */
function killsEvery(rounds: number, every: number): ReadonlyMap<number, Kill> {
  const count = Math.floor((rounds - 1) / every)
  return new Map(
    Array.from({ length: count }, (_, index) => [(index + 1) * every, index % 2 === 0 ? 'before' : 'after']),
  )
}

describe('processes on one vault', () => {
  it('spend each refresh token once, and a kill costs one sign-in at most', async () => {
    const rounds = 60
    const kills = killsEvery(rounds, 25)
    const result = await runCampaign({ processes: 3, callers: 2, rounds, kills })
    // The process that was killed after the server had taken its request has spent its token: the next one shows that.
    expect(result).toEqual({ granted: rounds, refused: 1, revoked: 1, signIns: 1, killed: 2, wrong: [] })
  })

  it.runIf(process.env['MCPVAULT_LONG'] === '1')(
    'do so 1,000 times, eight at once',
    async () => {
      const rounds = 1_000
      const kills = killsEvery(rounds, 50)
      const result = await runCampaign({ processes: 8, callers: 4, rounds, kills })
      console.log(result)
      const spentByKills = [...kills.values()].filter((kill) => kill === 'after').length
      expect(result).toEqual({
        granted: rounds,
        refused: spentByKills,
        revoked: spentByKills,
        signIns: spentByKills,
        killed: kills.size,
        wrong: [],
      })
    },
    3_600_000,
  )
})
