// Drives work on a manual clock: time goes on only when nothing else can.
import { setImmediate } from 'node:timers/promises'
import type { ManualClock } from '../../src/testing/index.ts'

/** Short waits are for another try, long ones for a time limit. */
const stepsMs = [50, 50, 50, 5_000]
const mostSteps = 100

/**
 * Waits for work. Each time that everything stands still, some time passes, so that time limits end what hangs. Throws
 * when the work outlasts every limit that a vault has.
 */
export async function driven<T>(clock: ManualClock, work: Promise<T>): Promise<T> {
  let isSettled = false
  const settled = (): void => {
    isSettled = true
  }
  work.then(settled, settled)
  await setImmediate()
  for (let step = 0; !isSettled && step < mostSteps; step++) {
    clock.advance(stepsMs[step % stepsMs.length] ?? 0)
    await setImmediate()
  }
  if (!isSettled) throw new Error('The work hangs: no time limit ends it.')
  return work
}

/** Lets time pass, and what comes due in it happen. */
export async function idle(clock: ManualClock, milliseconds: number): Promise<void> {
  const steps = 10
  for (let step = 0; step < steps; step++) {
    clock.advance(milliseconds / steps)
    await setImmediate()
  }
}

/** Random numbers from 0 up to 1 that are the same for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000
  }
}
