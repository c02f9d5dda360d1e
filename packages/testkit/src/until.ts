// Waits for a condition that something outside of this process fulfils.
import { setTimeout as wait } from 'node:timers/promises'

export interface Waiting {
  /** What is waited for, for the error. */
  readonly what: string
  readonly limitMs?: number
  /** Ends the wait early, such as when the server has exited. */
  readonly failed?: () => string | undefined
}

/** Asks again and again until the condition holds; throws after `limitMs` (default 60,000). */
export async function until(condition: () => Promise<boolean>, waiting: Waiting): Promise<void> {
  const { what, limitMs = 60_000, failed } = waiting
  const endMs = performance.now() + limitMs
  for (;;) {
    if (await condition()) return
    const failure = failed?.()
    if (failure !== undefined) throw new Error(`${what}: ${failure}`)
    if (performance.now() > endMs) throw new Error(`${what}: still not so after ${limitMs} ms.`)
    await wait(10)
  }
}
