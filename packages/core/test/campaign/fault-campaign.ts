// The campaign of single faults as tests: one for each script.

import { type CampaignSetting, failEach, scripts } from '@mcpvault/testkit/campaign'
import { describe, expect, it } from 'vitest'
import type { VaultStore } from '../../src/contracts/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import type { ManualClock } from '../../src/testing/index.ts'

/** Fails every operation of every script, in every way. */
export function describeFaults(label: string, setting: CampaignSetting): void {
  // Hundreds of runs for each script.
  describe(label, { timeout: 240_000 }, () => {
    it.each(scripts)(
      '[S39][S44][T48] no failure of one store call during $label loses what was acknowledged',
      async (script) => {
        expect(await failEach(script, setting)).toBeGreaterThan(8)
      },
    )
  })
}

/** A memory store that says whether a record and its event land together. */
export function storeWith({ transactions }: { readonly transactions: boolean }): (clock: ManualClock) => VaultStore {
  return (clock) => {
    const store = memoryStore({ clock })
    return { ...store, supports: { ...store.supports, transactions } }
  }
}
