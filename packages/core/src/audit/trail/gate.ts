// Counts calls under way, so that a close can wait for them.
import type { Clock } from '../../time/index.ts'

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
      await new Promise<void>((resolve) => {
        const cancelTimer = clock.schedule(resolve, limitMs)
        onEmpty = () => {
          cancelTimer()
          resolve()
        }
      })
    },
  }
}
