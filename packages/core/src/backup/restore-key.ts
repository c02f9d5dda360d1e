// Writes one data key into a store that may have others of its scope.
import { sameBytes } from '../bytes/index.ts'
import type { CallOptions, StoredDataKey, VaultStore } from '../contracts/index.ts'
import { differs } from '../transfer/copy-pages.ts'

export interface KeyTarget {
  readonly to: VaultStore
  readonly call: CallOptions
}

/**
 * A key that is there stays as it is, unless it is an older state of the same row. A scope that has another active key
 * keeps it, and the one of the archive becomes a retired one, which still opens what it sealed. True when the key was not
 * there.
 */
export async function restoreKey({ to, call }: KeyTarget, row: StoredDataKey): Promise<boolean> {
  const { dataKeys } = to
  const there = await dataKeys.find(row.id, row.scope, call)
  const active = await dataKeys.active(row.scope, call)
  const isFree = active === undefined || active.id === row.id
  const wanted: StoredDataKey = isFree ? row : { ...row, state: 'retired' }
  if (there !== undefined) {
    if (there.revision <= row.revision && !isSame(there, wanted)) await replace({ to, call }, wanted, there.revision)
    return false
  }
  // A store takes new keys as active ones, so the active key of the scope steps back for that moment.
  if (active !== undefined) await replace({ to, call }, { ...active, state: 'retired' }, active.revision)
  const inserted = await dataKeys.insert({ ...row, state: 'active' }, call)
  if (inserted.id !== row.id) throw somebodyWrites()
  if (wanted.state === 'retired') await replace({ to, call }, wanted, inserted.revision)
  if (active !== undefined) await replace({ to, call }, active, active.revision)
  return true
}

async function replace({ to, call }: KeyTarget, row: StoredDataKey, ifRevision: number): Promise<void> {
  if (!(await to.dataKeys.replace(row, { ifRevision, ...call }))) throw somebodyWrites()
}

function isSame(a: StoredDataKey, b: StoredDataKey): boolean {
  return (
    a.state === b.state &&
    a.revision === b.revision &&
    a.wraps.length === b.wraps.length &&
    a.wraps.every((wrap, index) => sameBytes(wrap, b.wraps[index] ?? new Uint8Array()))
  )
}

export function somebodyWrites() {
  return differs({ detail: 'Somebody writes to the target. Let nobody use it, and restore again.' })
}
