// OAuth tokens that many processes find expired at once: each refresh token is spent once, also when one of them is killed.
import { describeWith, startPostgres } from '@mcpvault/testkit'
import type { WorkerProgram } from '@mcpvault/testkit/history'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Kill, renewProgram, runCampaign } from './support/campaign.ts'
import { type CampaignStore, campaignOnPostgres, campaignOnSqlite } from './support/campaign-stores.ts'
import type { RenewJobs } from './support/renew-program.ts'

let program: WorkerProgram<RenewJobs>
beforeAll(async () => {
  program = await renewProgram()
})
afterAll(() => program.remove())

const isLong = process.env['MCPVAULT_LONG'] === '1'
const size = isLong
  ? { processes: 8, callers: 4, rounds: 1_000, every: 50 }
  : { processes: 3, callers: 2, rounds: 21, every: 10 }

/** A kill in every so many rounds, by turns before and after the server has taken the request. */
function killsEvery({ rounds, every }: { readonly rounds: number; readonly every: number }): ReadonlyMap<number, Kill> {
  const count = Math.floor((rounds - 1) / every)
  return new Map(
    Array.from({ length: count }, (_, index) => [(index + 1) * every, index % 2 === 0 ? 'before' : 'after']),
  )
}

function spendsOnce(open: () => Promise<CampaignStore>): void {
  it('spend each refresh token once, and a kill costs one sign-in at most', {
    timeout: isLong ? 3_600_000 : 240_000,
  }, async () => {
    const kills = killsEvery(size)
    const result = await runCampaign({ ...size, program, on: await open(), kills })
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
}

describe('processes on one SQLite file', () => spendsOnce(campaignOnSqlite))

describeWith('Postgres', startPostgres, (server) => {
  describe('processes on one Postgres', () => spendsOnce(() => campaignOnPostgres(server())))
})
