// The campaign of faults on a store with a server: one call of a script fails, or several of random ones.
import type { VaultStore } from '@mcpvault/core'
import { afterEach, describe, expect, test } from 'vitest'
import { concurrently } from '../concurrently.ts'
import { isLong, longTest, seedsTo, wholeScript } from './extent.ts'
import { failingStage, manyWriters, oneCaller } from './random-runs.ts'
import { failSome } from './run-script.ts'
import { scripts } from './scripts.ts'

export interface FaultSetting {
  /** Makes a store that is migrated, empty, and shares nothing with the ones made before. */
  open(): Promise<OpenStore>
  /** How many faults a script gets; every one at every operation with `MCPVAULT_LONG=1`. */
  readonly faults: number
  /** How many random runs there are of each kind; ten times as many with `MCPVAULT_LONG=1`. */
  readonly randomRuns: number
}

const atOnce = 6

interface OpenStore {
  readonly store: VaultStore
  drop(): Promise<unknown>
}

/** Registers the campaign on a store whose calls fail. */
export function faultSuite({ open, faults, randomRuns }: FaultSetting): void {
  const opened: OpenStore[] = []
  const makeStore = async (): Promise<VaultStore> => {
    const store = await open()
    opened.push(store)
    return store.store
  }

  describe('under faults', longTest, () => {
    afterEach(() => concurrently(opened.splice(0), atOnce, async ({ drop }) => void (await drop())))

    test.each(scripts.map((script, index) => ({ script, seed: index + 1, label: script.label })))(
      '[S39][S44] no failure of one store call during $label loses what was acknowledged',
      async ({ script, seed }) => {
        const count = isLong || script.label === wholeScript ? Number.POSITIVE_INFINITY : faults
        const failed = await failSome(script, { audit: 'required', makeStore }, { seed, faults: count, atOnce })
        expect(failed.length).toBeGreaterThan(faults / 2)
      },
    )

    test('[S39][S44] one caller after another loses nothing that was acknowledged', () =>
      concurrently(seedsTo(randomRuns), atOnce, async (seed) =>
        oneCaller(await failingStage({ seed, makeStore, within: 50 })),
      ))

    test('[S39][S44][N6] five writers of one secret leave each acknowledged value in one version', () =>
      concurrently(seedsTo(randomRuns), atOnce, async (seed) =>
        manyWriters(await failingStage({ seed, makeStore, within: 70 })),
      ))
  })
}
