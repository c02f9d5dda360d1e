// Turns: writers of one secret in this process go one after another, so that only other processes cause conflicts.
import { untilAborted } from '../../time/index.ts'

/** A queue of work for each name. */
export interface Turns {
  /** Runs `work` when all earlier work of this name has settled. The signal ends the wait, and the work is not begun. */
  take<T>(name: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T>
}

export function createTurns(): Turns {
  const last = new Map<string, Promise<void>>()
  return {
    async take(name, signal, work) {
      const before = last.get(name)
      let end: () => void = () => undefined
      const turn = new Promise<void>((resolve) => {
        end = resolve
      })
      last.set(name, turn)
      const leave = (): void => {
        end()
        if (last.get(name) === turn) last.delete(name)
      }
      if (before !== undefined) {
        try {
          await untilAborted(before, signal)
        } catch (error) {
          // Those behind it still wait for the work before it.
          void before.then(leave)
          throw error
        }
      }
      try {
        signal?.throwIfAborted()
        return await work()
      } finally {
        leave()
      }
    },
  }
}
