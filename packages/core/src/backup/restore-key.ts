// Writes one data key into a store that may have others of its scope.
import { sameBytes } from '../bytes/index.ts'
import { type CallOptions, pagesOf, type StoredDataKey, type VaultStore } from '../contracts/index.ts'
import { lastingCodeOf } from '../errors/index.ts'
import type { KeyWrapping } from '../keys/index.ts'
import { copyPage, differs } from '../transfer/copy-pages.ts'

/** A store that an archive is written to. */
export interface RestoreTarget {
  readonly to: VaultStore
  readonly call: CallOptions
  readonly vaultId: Uint8Array
  /** Opens the data keys of the archive, and those of the store. */
  readonly wrapping: KeyWrapping
  /** The store had no data key before. */
  readonly isFresh: boolean
}

/**
 * A key that is there stays as it is, unless it is an older state of the same row, or altered. Of two active keys of a
 * scope the one that was made later stays active, and the other becomes a retired one, which still opens what it sealed;
 * one that the archive knows to be retired never stays active, since a rekey has replaced it. A restore that was stopped
 * between two steps may leave a scope without an active key, and the vault then makes one. True when the key was not there.
 */
export async function restoreKey(target: RestoreTarget, row: StoredDataKey): Promise<boolean> {
  const { dataKeys } = target.to
  const there = await dataKeys.find(row.id, row.scope, target.call)
  if (there !== undefined && there.revision > row.revision && !(await isAltered(target, { there, row }))) {
    if (there.state === 'active' && row.state === 'retired') await replace(target, retired(there), there.revision)
    return false
  }
  const active = await dataKeys.active(row.scope, target.call)
  const other = active?.id === row.id ? undefined : active
  const isActive = row.state === 'active' && (await isNewest(target, { row, other }))
  if (isActive && other !== undefined) await replace(target, retired(other), other.revision)
  const wanted: StoredDataKey = isActive ? row : { ...row, state: 'retired' }
  if (there !== undefined) {
    const revision = Math.max(row.revision, there.revision)
    if (!isSame(there, wanted)) await replace(target, { ...wanted, revision }, there.revision)
    return false
  }
  // A store takes new keys as active ones, so the active key of the scope steps back for that moment.
  const stepsBack = isActive ? undefined : other
  if (stepsBack !== undefined) await replace(target, { ...stepsBack, state: 'retired' }, stepsBack.revision)
  const inserted = await dataKeys.insert({ ...row, state: 'active' }, target.call)
  if (inserted.id !== row.id) throw somebodyWrites()
  if (!isActive) await replace(target, wanted, inserted.revision)
  if (stepsBack !== undefined) await replace(target, stepsBack, stepsBack.revision)
  return true
}

/** As a rekey leaves it: a later state of the row, which a further restore does not undo. */
function retired(row: StoredDataKey): StoredDataKey {
  return { ...row, state: 'retired', revision: row.revision + 1 }
}

/**
 * Whether what is there is not what was written, although it says that it is newer, while that of the archive opens. One
 * whose master key is not at hand is believed.
 */
async function isAltered(
  { wrapping }: RestoreTarget,
  { there, row }: { readonly there: StoredDataKey; readonly row: StoredDataKey },
): Promise<boolean> {
  const codeOf = (one: StoredDataKey) => lastingCodeOf(() => wrapping.unwrapRow(one))
  return isDamage(await codeOf(there)) && (await codeOf(row)) === undefined
}

/** Whether bytes with this error are not what was written. */
export function isDamage(code: string | undefined): boolean {
  return code === 'VAULT_OPEN_FAILED' || code === 'VAULT_ENVELOPE_INVALID'
}

/** Whether no other key of the scope was made later: of those there may be one whose active state a stopped restore took. */
async function isNewest(
  { to, call, isFresh }: RestoreTarget,
  { row, other }: { readonly row: StoredDataKey; readonly other: StoredDataKey | undefined },
): Promise<boolean> {
  const { kind, owner, server } = row.scope
  if (kind === 'audit') return other === undefined
  if (other !== undefined && other.createdAt >= row.createdAt) return false
  if (isFresh) return true
  const next = (last: StoredDataKey | undefined) =>
    to.dataKeys.list({ owner, limit: copyPage, ...(last === undefined ? {} : { after: last.id }) }, call)
  for await (const page of pagesOf(next, { limit: copyPage, signal: call.signal }))
    if (page.some(({ scope, createdAt }) => scope.server === server && createdAt > row.createdAt)) return false
  return true
}

type Writing = Pick<RestoreTarget, 'to' | 'call'>

async function replace({ to, call }: Writing, row: StoredDataKey, ifRevision: number): Promise<void> {
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
