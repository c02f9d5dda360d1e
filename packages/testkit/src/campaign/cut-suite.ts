// The campaign through a network that breaks: connections end after any byte, or stop responding at any call.
import { describe, expect, test } from 'vitest'
import { concurrently } from '../concurrently.ts'
import { seeded, shuffled } from '../random.ts'
import { isLong, longTest, wholeScript } from './extent.ts'
import { manualTime, type Time } from './manual-time.ts'
import { brokenStage, type CallTraffic, faultsOf, measuringStage, type NetworkFault } from './network-faults.ts'
import type { ProxiedStore } from './proxied-store.ts'
import { manyWriters } from './random-runs.ts'
import { runScript, type Stage } from './run-script.ts'
import { scripts } from './scripts.ts'

export interface CutSetting {
  /** Makes a store that is migrated, empty, and shares nothing with the ones made before. */
  open(): Promise<ProxiedStore>
  /** How many faults a script gets; every one at every call with `MCPVAULT_LONG=1`. */
  readonly faults: number
}

/** What is done on a stage. */
interface Work {
  readonly seed: number
  readonly faults: number
  run(parts: { readonly time: Time; readonly stage: Stage; readonly about: string }): Promise<void>
}

const audit = 'required'
const atOnce = 4

/** Registers the campaign on a store behind proxies. */
export function cutSuite({ open, faults }: CutSetting): void {
  describe('on a network that breaks', longTest, () => {
    test.each(scripts.map((script, index) => ({ script, seed: index + 1, label: script.label })))(
      '[S39][S43][S44] no broken connection during $label loses or doubles what was acknowledged',
      ({ script, seed }) =>
        breakEach(open, {
          seed,
          faults: isLong || script.label === wholeScript ? Number.POSITIVE_INFINITY : faults,
          async run(parts) {
            const about = `${script.label}: ${parts.about}`
            const failures = await runScript({ ...parts, script, audit, about })
            expect(failures, `${about}: more calls failed than faults`).toBeLessThanOrEqual(1)
          },
        }),
    )

    test('[S39][S43][S44][N6] five writers of one secret leave each acknowledged value in one version', () =>
      breakEach(open, {
        seed: 1,
        faults: isLong ? faults * 10 : faults,
        run: (parts) => manyWriters({ ...parts, audit, random: seeded(1) }),
      }))
  })
}

/** Does the work once to learn its traffic, then again and again with a fault somewhere in it. */
async function breakEach(open: CutSetting['open'], work: Work): Promise<void> {
  const random = seeded(work.seed)
  const calls = await measure(open, work)
  const all = calls.flatMap((traffic, index) => faultsOf(traffic, index + 1, random))
  const chosen = shuffled(all, random).slice(0, work.faults)
  let broken = 0
  await concurrently(chosen, atOnce, async (fault) => {
    if (await breakOnce(open, work, fault)) broken += 1
  })
  // The traffic differs from run to run, so that a fault may find no byte of its own.
  expect(broken).toBeGreaterThan(chosen.length / 2)
}

async function measure(open: CutSetting['open'], work: Work): Promise<readonly CallTraffic[]> {
  const opened = await open()
  try {
    const time = manualTime()
    const { stage, calls } = measuringStage({ opened, time })
    await work.run({ time, stage, about: 'without faults' })
    return calls
  } finally {
    await opened.close()
  }
}

async function breakOnce(open: CutSetting['open'], work: Work, fault: NetworkFault): Promise<boolean> {
  const opened = await open()
  try {
    const time = manualTime()
    const { stage, isBroken } = brokenStage({ opened, time }, fault)
    await work.run({ time, stage, about: JSON.stringify(fault) })
    return isBroken()
  } finally {
    await opened.close()
  }
}
