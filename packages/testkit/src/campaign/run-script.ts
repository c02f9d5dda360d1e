// Runs a script on a store that fails, and checks what is left against every state that the answers allow.

import type { VaultStore } from '@mcpvault/core'
import { type FaultStoreOptions, faultStore, type ManualClock } from '@mcpvault/core/testing'
import { expect } from 'vitest'
import { concurrently } from '../concurrently.ts'
import { seeded, shuffled } from '../random.ts'
import { rotatingKeys } from '../vaults/rotating-keys.ts'
import { campaignVault, checkAll } from './check-run.ts'
import { gatedStore } from './gated-store.ts'
import { manualTime, type Time } from './manual-time.ts'
import type { Step } from './model.ts'
import { createRun } from './step-run.ts'

/** A vault and its store for one run. */
export interface CampaignSetting {
  readonly audit: 'required' | 'buffered'
  /** Makes a store that is empty and shares nothing with the ones made before. */
  makeStore(clock: ManualClock): VaultStore | Promise<VaultStore>
}

/** What a run does: without faults at first, then with. */
export interface Script {
  readonly label: string
  /** Empty for a vault that is opened by the first step. */
  readonly setup: readonly Step[]
  readonly steps: readonly Step[]
  /** A new key is current once the setup is done. */
  readonly rotates?: true
}

export interface Fault {
  readonly failAt: number
  readonly mode: FaultStoreOptions['mode']
}

/** What a script runs on: a store that breaks between `arm` and `disarm`, and the way around the fault. */
export interface Stage {
  readonly plain: VaultStore
  readonly store: VaultStore
  arm(): void
  disarm(): void
  /** Resolves once what failed either has happened or never will. Without it, that is so at once. */
  readonly decided?: () => Promise<void>
}

export const faultModes = ['before', 'after', 'hang', 'hang-after'] as const

/** Fails every operation of a script in its turn, in every mode, and gives the number of runs. */
export async function failEach(script: Script, setting: CampaignSetting): Promise<number> {
  let runs = 0
  for (const mode of faultModes) {
    for (let failAt = 1; ; failAt++, runs++) {
      const { failed } = await failOnce(script, setting, { failAt, mode })
      if (failed === undefined) break
    }
  }
  return runs
}

/** Fails some operations of a script, which the seed chooses, each in a run of its own, and gives their names. */
export async function failSome(
  script: Script,
  setting: CampaignSetting,
  sample: { readonly seed: number; readonly faults: number; readonly atOnce: number },
): Promise<readonly string[]> {
  const { operations } = await failOnce(script, setting, { failAt: 0, mode: 'before' })
  const all = faultModes.flatMap((mode) => Array.from({ length: operations }, (_, at) => ({ failAt: at + 1, mode })))
  const names: string[] = []
  await concurrently(shuffled(all, seeded(sample.seed)).slice(0, sample.faults), sample.atOnce, async (fault) => {
    const { failed } = await failOnce(script, setting, fault)
    // The answers of a real engine come in no fixed order, so an operation may be one too many.
    if (failed !== undefined) names.push(failed)
  })
  return names
}

/** One run with the fault counted from the end of the setup. */
async function failOnce(script: Script, { audit, makeStore }: CampaignSetting, { failAt, mode }: Fault) {
  const time = manualTime()
  const plain = time.waitingFor(await makeStore(time.clock))
  const gate = gatedStore(plain, (store) => faultStore(store, { failAt, mode }))
  const about = `${script.label}: ${mode} at operation ${failAt}`
  const failures = await runScript({ script, audit, time, stage: { plain, ...gate }, about })
  expect(failures, `${about}: more calls failed than faults`).toBeLessThanOrEqual(1)
  return gate.broken
}

/** Runs a script, checks everything, and gives the number of steps that failed. */
export async function runScript(run: {
  readonly script: Script
  readonly audit: CampaignSetting['audit']
  readonly time: Time
  readonly stage: Stage
  readonly about: string
}): Promise<number> {
  const { script, audit, time, stage, about } = run
  const keys = rotatingKeys()
  const vault = campaignVault({ store: stage.store, time, keys: keys.provider, audit })
  const steps = createRun({ vault, time, about, decided: stage.decided })
  for (const step of script.setup) await steps.take(step)
  if (script.rotates) keys.rotate()
  stage.arm()
  for (const step of script.steps) await steps.take(step)
  await steps.settle()
  await stage.decided?.()
  stage.disarm()
  await checkAll({ plain: stage.plain, vault, time, keys: keys.provider, run: steps, about, audit })
  return steps.failures()
}
