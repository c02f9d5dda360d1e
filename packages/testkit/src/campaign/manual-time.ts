// Drives work on a manual clock: time goes on only when nothing else can.
import { setImmediate } from 'node:timers/promises'
import type { VaultStore } from '@mcpvault/core'
import { type ManualClock, manualClock } from '@mcpvault/core/testing'
import { pendingCalls } from './pending-calls.ts'

/** A clock that stands still while a store has calls to answer. */
export interface Time {
  readonly clock: ManualClock
  /** The same store, whose calls are waited for. */
  waitingFor(store: VaultStore): VaultStore
  /** Resolves when everything stands still. */
  rest(): Promise<void>
}

/** Makes a clock with nothing to wait for yet. */
export function manualTime(): Time {
  const stores: ReturnType<typeof pendingCalls>[] = []
  return {
    clock: manualClock(),
    waitingFor(store) {
      const watched = pendingCalls(store)
      stores.push(watched)
      return watched.store
    },
    async rest() {
      await setImmediate()
      for (;;) {
        const calls = stores.flatMap((store) => [...store.calls])
        if (calls.length === 0) return
        await Promise.allSettled(calls)
        await setImmediate()
      }
    },
  }
}

/** Short waits are for another try, long ones for a time limit. */
const stepsMs = [50, 50, 50, 5_000]
const maxSteps = 100

/**
 * Waits for work. Each time that everything stands still, some time passes, so that time limits end what hangs. Throws
 * when the work outlasts every limit that a vault has.
 */
export async function driven<T>(time: Time, work: Promise<T>): Promise<T> {
  let isSettled = false
  const settled = (): void => {
    isSettled = true
  }
  work.then(settled, settled)
  await time.rest()
  for (let step = 0; !isSettled && step < maxSteps; step++) {
    time.clock.advance(stepsMs[step % stepsMs.length] ?? 0)
    await time.rest()
  }
  if (!isSettled) throw new Error('The work hangs: no time limit ends it.')
  return work
}

/** Lets time pass, and what comes due in it happen. */
export async function idle(time: Time, milliseconds: number): Promise<void> {
  const steps = 10
  for (let step = 0; step < steps; step++) {
    time.clock.advance(milliseconds / steps)
    await time.rest()
  }
}
