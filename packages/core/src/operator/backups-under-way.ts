// Backups under way, by locks of the store: their archives need master keys, and the vault knows of them only at their end.
import { VaultError } from '../errors/index.ts'
import type { Call } from '../vault/operation.ts'
import { acquireLock, type HeldLock } from '../vault/record/held-lock.ts'

/** How many there may be at a time, each with a lock of its own. */
const maxBackups = 8

/** For so long a backup whose process was killed counts as one under way. */
const ttlMs = 60_000

/** Has the vault know that a backup is under way, until the lock is released. Throws `VAULT_CONFLICT` for a ninth. */
export async function beginBackup(call: Call): Promise<HeldLock> {
  const { store, config } = call.runtime
  for (let place = 1; place <= maxBackups; place++) {
    const lock = await acquireLock(store.locks, { clock: config.clock, name: lockName(place), ttlMs })
    if (lock !== undefined) return lock
  }
  throw new VaultError('VAULT_CONFLICT', { detail: 'Eight backups are under way. Wait for the end of one.' })
}

/** Whether any process makes a backup now. */
export async function isBackupUnderWay({ runtime, signal }: Call): Promise<boolean> {
  const { locks } = runtime.store
  for (let place = 1; place <= maxBackups; place++) {
    const name = lockName(place)
    if (!(await locks.acquire(name, looking, lookingMs, { signal }))) return true
    await locks.release(name, looking, { signal })
  }
  return false
}

/** One holder for all who look, so that none of them takes another for a backup. */
const looking = 'looking'
const lookingMs = 1_000

function lockName(place: number): string {
  return `backup/${place}`
}
