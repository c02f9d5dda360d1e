// Copies wrapped data keys, retired ones first, since a store takes only one active key for each scope.
import type { StoredDataKey } from '../contracts/index.ts'
import { VaultError } from '../errors/index.ts'
import { metaKey, readableKeyIds, seenKey } from '../keys/index.ts'
import { mapConcurrent } from '../time/index.ts'
import { copyPage, copyPages, differs, itemsAtATime } from './copy-pages.ts'
import type { CopyRun } from './copy-run.ts'

export async function copyDataKeys(run: CopyRun): Promise<void> {
  const copied = new Set<string>()
  for (const state of ['retired', 'active'] as const) {
    const pages = copyPages<StoredDataKey>(run.options, (last) =>
      run.from.dataKeys.list({ limit: copyPage, ...(last === undefined ? {} : { after: last.id }) }, run.options),
    )
    for await (const page of pages) {
      const limits = { limit: itemsAtATime, signal: run.options.signal }
      const settled = await mapConcurrent(page, limits, (row) => settle(run, row))
      for (const { wraps } of page) await copyFingerprints(run, wraps, copied)
      const rows = settled.filter((row) => row.state === state)
      // Rows of one scope exclude each other while they are active, so those of a scope are copied in their order.
      await mapConcurrent(byScope(rows), limits, async (ofScope) => {
        for (const row of ofScope) await copyDataKey(run, row)
      })
      run.count('dataKeys', rows.length)
    }
  }
  if (run.step === 'verify') await refuseFurther(run)
}

/** What the vault keeps of the keys of these wraps, before the wraps themselves. */
async function copyFingerprints(
  { from, to, options }: CopyRun,
  wraps: readonly Uint8Array[],
  copied: Set<string>,
): Promise<void> {
  for (const keyId of readableKeyIds(wraps) ?? []) {
    const key = metaKey(keyId)
    if (copied.has(key)) continue
    const seen = await from.meta.read(seenKey(keyId), options)
    if (seen !== undefined) await to.meta.insertOnce(seenKey(keyId), seen, options)
    const kept = await from.meta.read(key, options)
    if (kept !== undefined && Buffer.compare(await to.meta.insertOnce(key, kept, options), kept) !== 0)
      throw differs({ detail: 'The target knows another key under the id of one of the source.' })
    copied.add(key)
  }
}

/** The rows of each scope together. */
export function byScope(rows: readonly StoredDataKey[]): readonly (readonly StoredDataKey[])[] {
  const scopes = new Map<string, StoredDataKey[]>()
  for (const row of rows) {
    const { kind, owner, server } = row.scope
    const name = `${kind}\n${owner}\n${server}`
    scopes.set(name, [...(scopes.get(name) ?? []), row])
  }
  return [...scopes.values()]
}

/** A key marked active that is not the active one of its scope is copied as retired: its process ended early. */
export async function settle(
  { from, options }: Pick<CopyRun, 'from' | 'options'>,
  row: StoredDataKey,
): Promise<StoredDataKey> {
  if (row.state !== 'active' || (await from.dataKeys.active(row.scope, options))?.id === row.id) return row
  return { ...row, state: 'retired' }
}

async function copyDataKey({ to, step, options }: CopyRun, row: StoredDataKey): Promise<void> {
  const { id, scope } = row
  if (row.wraps.length === 0) {
    const { owner, server } = scope
    const detail = 'The source cannot read the wraps of this data key, so what it sealed is lost.'
    throw new VaultError('VAULT_ENVELOPE_INVALID', { ref: { owner, server }, detail })
  }
  const there = await to.dataKeys.find(id, scope, options)
  if (there !== undefined && isSame(there, row)) return
  if (step === 'verify') throw differs({ detail: 'A data key is not the same in the target.' })
  // A store takes new keys as active ones; a retired key is one that was replaced.
  const before = there ?? (await to.dataKeys.insert({ ...row, state: 'active' }, options))
  if (before.id !== id) throw differs({ detail: 'The target has another active data key.' })
  if (isSame(before, row)) return
  if (!(await to.dataKeys.replace(row, { ifRevision: before.revision, ...options })))
    throw differs({ detail: 'Somebody writes to the target.' })
}

function isSame(a: StoredDataKey, b: StoredDataKey): boolean {
  return (
    a.state === b.state &&
    a.revision === b.revision &&
    a.createdAt.getTime() === b.createdAt.getTime() &&
    a.wraps.length === b.wraps.length &&
    a.wraps.every((wrap, index) => Buffer.compare(wrap, b.wraps[index] ?? new Uint8Array()) === 0)
  )
}

/** Throws for a key that only the target has: it would open what was erased from the source meanwhile. */
async function refuseFurther({ from, to, options }: CopyRun): Promise<void> {
  const pages = copyPages<StoredDataKey>(options, (last) =>
    to.dataKeys.list({ limit: copyPage, ...(last === undefined ? {} : { after: last.id }) }, options),
  )
  for await (const page of pages) {
    await mapConcurrent(page, { limit: itemsAtATime, signal: options.signal }, async ({ id, scope }) => {
      if ((await from.dataKeys.find(id, scope, options)) === undefined)
        throw differs({ detail: 'The target has a data key that the source has not.' })
    })
  }
}
