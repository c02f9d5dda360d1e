// Drives work on a manual clock: time goes on only when nothing else can.
import { setImmediate } from 'node:timers/promises'
import type { VaultStore } from '../../src/contracts/index.ts'
import { type ManualClock, manualClock } from '../../src/testing/index.ts'
import { underWay } from './under-way.ts'

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
  const stores: ReturnType<typeof underWay>[] = []
  return {
    clock: manualClock(),
    waitingFor(store) {
      const watched = underWay(store)
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
const mostSteps = 100

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
  for (let step = 0; !isSettled && step < mostSteps; step++) {
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

/** The same items in an order that the random numbers give. */
export function shuffled<T>(items: readonly T[], random: () => number): readonly T[] {
  return items
    .map((item) => ({ item, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item)
}

/** Does work on each item, so many at a time: runs that wait for a server need not wait for each other. */
export async function sideBySide<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const left = [...items]
  const worker = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}
