// When a data key that a rekey has retired may go: no process may still have it in its cache, by two clocks at once.
import { randomUUID } from 'node:crypto'
import type { DataKeyScope, StoredDataKey } from '../contracts/index.ts'
import { VaultError } from '../errors/index.ts'
import type { Call } from '../vault/operation.ts'
import { removeDataKey } from './scope-keys.ts'

/** How much longer than a key may be cached an old one is kept: for writes under way, and clocks that differ. */
const graceMs = 300_000

const removalMs = 60_000

function heldMs({ runtime }: Call): number {
  return runtime.config.limits.keyHardAgeMs + graceMs
}

const lockOf = (id: string): string => `retired-key/${id}`

/**
 * To be called before a data key is retired. The lock ends by the clock of the store, which a jump of a process's own
 * clock does not move.
 */
export async function holdRetired(call: Call, id: string): Promise<void> {
  await call.runtime.store.locks.acquire(lockOf(id), 'retired', heldMs(call), { signal: call.signal })
}

/**
 * Whether no process can seal under the data keys that were retired before now. Each was retired before the active one was
 * made, and a process that does not know of that yet uses a cached key no longer than the hard limit.
 */
export async function areDisused(call: Call, scope: DataKeyScope, retired: readonly StoredDataKey[]): Promise<boolean> {
  const { keys, config } = call.runtime
  keys.evictScope(scope)
  await keys.active(scope, { signal: call.signal })
  const active = await latestActive(call, scope, retired)
  const ageMs = active === undefined ? 0 : config.clock.now().getTime() - active.createdAt.getTime()
  return ageMs >= heldMs(call)
}

/** Removes a data key unless its lock says that it is too early, or another run removes it. */
export async function removeDisused(call: Call, row: StoredDataKey): Promise<boolean> {
  const { locks } = call.runtime.store
  const holder = randomUUID()
  if (!(await locks.acquire(lockOf(row.id), holder, removalMs, { signal: call.signal }))) return false
  await removeDataKey(call, row)
  await locks.release(lockOf(row.id), holder, { signal: call.signal })
  return true
}

const maxAttempts = 8

/**
 * The active data key, made later than those that it replaces: a restore keeps the latest one in use. One that a machine
 * with a fast clock has made would else come back.
 */
async function latestActive(
  call: Call,
  scope: DataKeyScope,
  retired: readonly StoredDataKey[],
): Promise<StoredDataKey | undefined> {
  const { dataKeys } = call.runtime.store
  const { signal } = call
  const lastMs = Math.max(...retired.map(({ createdAt }) => createdAt.getTime()))
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const active = await dataKeys.active(scope, { signal })
    if (active === undefined || !(active.createdAt.getTime() < lastMs)) return active
    const later = { ...active, createdAt: new Date(lastMs + 1), revision: active.revision + 1 }
    if (await dataKeys.replace(later, { ifRevision: active.revision, signal })) return later
  }
  throw new VaultError('VAULT_CONFLICT', { detail: 'Others kept changing the data key. Run the rekey again.' })
}
