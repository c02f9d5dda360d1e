// Several faults in one run, among five writers at once, from seeds: a failure names its seed.

import { failingStage, manyWriters, oneCaller } from '@mcpvault/testkit/campaign'
import { describe, it } from 'vitest'
import { storeWith } from './fault-campaign.ts'

const runs = 75

describe.each([
  ['with transactions', true],
  ['without transactions', false],
])('random faults, store %s', { timeout: 240_000 }, (_, transactions) => {
  const makeStore = storeWith({ transactions })

  it('[S39][S44] one caller after another loses nothing that was acknowledged', async () => {
    for (let seed = 1; seed <= runs; seed++) await oneCaller(await failingStage({ seed, makeStore, within: 50 }))
  })

  it('[S39][S44][N6] five writers of one secret leave each acknowledged value in one version', async () => {
    for (let seed = 1; seed <= runs; seed++) await manyWriters(await failingStage({ seed, makeStore, within: 70 }))
  })
})
