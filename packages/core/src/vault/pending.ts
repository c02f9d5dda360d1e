// The operations under way: how many there are, and when they have ended.
import { type Clock, withDeadline } from '../time/index.ts'

export interface Pending {
  enter(): void
  leave(): void
  /** Resolves when no operation is under way, and at the latest after `limitMs`. */
  ended(limitMs: number): Promise<void>
}

export function createPending(clock: Clock): Pending {
  let count = 0
  let waiting: (() => void)[] = []
  return {
    enter() {
      count += 1
    },
    leave() {
      count -= 1
      if (count > 0) return
      for (const resolve of waiting) resolve()
      waiting = []
    },
    async ended(limitMs) {
      if (count === 0) return
      const end = new Promise<void>((resolve) => void waiting.push(resolve))
      const timeoutError = (): Error => new Error('Operations are still under way.')
      await Promise.resolve(withDeadline({ clock, limitMs, timeoutError }, () => end)).catch(() => undefined)
    },
  }
}
