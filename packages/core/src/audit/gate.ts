// Counts calls under way, so that a close can wait for them.
import { type Clock, withDeadline } from '../clock/index.ts'

export interface Gate {
  enter(): void
  leave(): void
  /** Resolves when nobody is inside, or after `limitMs`. */
  whenEmpty(limitMs: number): Promise<void>
}

export function callGate(clock: Clock): Gate {
  let inside = 0
  let onEmpty: () => void = () => undefined
  return {
    enter() {
      inside += 1
    },
    leave() {
      inside -= 1
      if (inside === 0) onEmpty()
    },
    async whenEmpty(limitMs) {
      if (inside === 0) return
      const empty = new Promise<void>((resolve) => {
        onEmpty = resolve
      })
      const late = new Error('late')
      try {
        await withDeadline({ clock, limitMs, timeoutError: () => late }, () => empty)
      } catch (error) {
        if (error !== late) throw error
      }
    },
  }
}
