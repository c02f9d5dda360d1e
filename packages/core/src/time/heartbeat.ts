// Asks periodically whether the other end still answers: a lost connection may never report an error.
import { callSafely } from './call-safely.ts'
import type { Clock } from './clock.ts'

/** What is asked how often, and what happens when no answer comes. */
export interface HeartbeatOptions {
  readonly clock: Clock
  /** From one question to the next, in milliseconds. Default 2,000. */
  readonly everyMs?: number
  /** Resolves with the answer. The signal is aborted when nobody waits for it any more. */
  ask(signal: AbortSignal): Promise<unknown>
  /** Called when an answer is 2 seconds late, before the next question; for as long as none comes, every 2 seconds. */
  onSilence(): void
}

const defaultEveryMs = 2_000
const limitMs = 2_000

/**
 * Asks at once and then periodically, one question at a time. One that fails counts as one without an answer. For
 * stores that listen: a change that a lost connection did not deliver is at most `everyMs` plus 2 seconds old when
 * `onSilence` is called. Returns the function that ends it.
 */
export function heartbeat({ clock, everyMs = defaultEveryMs, ask, onSilence }: HeartbeatOptions): () => void {
  let isEnded = false
  let abandon = (): void => undefined

  /** An `ask` that throws is one that fails. */
  function asked(signal: AbortSignal): Promise<unknown> {
    try {
      return ask(signal)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  function beat(): void {
    const question = new AbortController()
    const askedMs = clock.monotonicMs()
    let cancel = clock.schedule(() => {
      abandon()
      callSafely(onSilence)
      if (!isEnded) beat()
    }, limitMs)
    abandon = () => {
      cancel()
      question.abort()
    }
    asked(question.signal).then(
      () => {
        if (question.signal.aborted) return
        cancel()
        // The wait is counted from the question, so that slow answers do not make questions rarer.
        cancel = clock.schedule(beat, Math.max(0, askedMs + everyMs - clock.monotonicMs()))
      },
      // A failure is no answer, so `onSilence` is called in time.
      () => undefined,
    )
  }

  beat()
  return () => {
    isEnded = true
    abandon()
  }
}
