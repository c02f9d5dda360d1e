// A lock of the store that one call holds, for as long as its work takes.
import { randomUUID } from 'node:crypto'
import type { LockStore } from '../../contracts/index.ts'
import type { Clock } from '../../time/index.ts'

export interface HeldLock {
  /** Whether it is held for at least so much longer; it is extended when need be. */
  isHeldFor(ms: number): Promise<boolean>
  release(): Promise<void>
}

/** Takes a lock, and extends it until it is released; undefined when another call has it. */
export async function acquireLock(
  locks: LockStore,
  { clock, name, ttlMs }: { readonly clock: Clock; readonly name: string; readonly ttlMs: number },
): Promise<HeldLock | undefined> {
  const holder = randomUUID()
  // Counted from before each call, so that the store's end of the lock is never earlier than this one.
  let endsMs = clock.monotonicMs() + ttlMs
  if (!(await locks.acquire(name, holder, ttlMs))) return undefined
  const extend = async (): Promise<boolean> => {
    const startedMs = clock.monotonicMs()
    const isHeld = await locks.renew(name, holder, ttlMs)
    if (isHeld) endsMs = startedMs + ttlMs
    return isHeld
  }
  // What is renewed must be stored before another caller begins, however slow the store is.
  const beat = (): (() => void) =>
    clock.schedule(() => {
      extend().catch(() => undefined)
      cancel = beat()
    }, ttlMs / 3)
  let cancel = beat()
  return {
    async isHeldFor(ms) {
      const hasLeft = (): boolean => endsMs - clock.monotonicMs() >= ms
      return hasLeft() || ((await extend()) && hasLeft())
    },
    async release() {
      cancel()
      // One that cannot be released ends by itself.
      await Promise.resolve(locks.release(name, holder)).catch(() => undefined)
    },
  }
}
