// Counts which keys are in use, from the wraps themselves, and proves that a key is unused before it may be deleted.

import { sameBytes } from '../bytes/index.ts'
import { VaultError } from '../errors/index.ts'
import { type DataKeys, keyNames, knownArchives, readableKeyIds } from '../keys/index.ts'
import type { Call, Done, Failed, Outcome } from '../vault/operation.ts'
import { isBackupUnderWay } from './backups-under-way.ts'
import { dataKeyPages } from './pages.ts'
import type { ParsedWork } from './work.ts'

/** How many data keys each key id wraps. A data key with several wraps counts under each. */
export interface KeyCensus {
  readonly dataKeys: number
  readonly byKeyId: ReadonlyMap<string, number>
  /** Data keys with a wrap that is not well formed, or without any; they count under no key id. */
  readonly unreadable: number
  /** The key ids that new wraps are made under. */
  readonly currentKeyIds: ReadonlySet<string>
  /** Archives of `backup` that were not pruned yet. */
  readonly archives: number
  /** How many of them need each key id. */
  readonly archivesByKeyId: ReadonlyMap<string, number>
}

/** Counts every data key. */
export async function takeCensus(call: Call, work: Pick<ParsedWork, 'onProgress'>): Promise<Done<KeyCensus>> {
  const { runtime, signal } = call
  const counts = await countDataKeys(call, work)
  const currentKeyIds = await runtime.keys.wrapping.currentKeyIds()
  const archives = await knownArchives(runtime.store.meta, { signal })
  const archivesByKeyId = new Map<string, number>()
  for (const keyId of archives.flatMap(({ archive }) => archive?.keyIds ?? []))
    archivesByKeyId.set(keyId, (archivesByKeyId.get(keyId) ?? 0) + 1)
  const result = { ...counts, currentKeyIds, archives: archives.length, archivesByKeyId }
  return { result, event: { count: counts.dataKeys } }
}

type DataKeyCounts = Pick<KeyCensus, 'dataKeys' | 'byKeyId' | 'unreadable'>

async function countDataKeys(call: Call, { onProgress }: Pick<ParsedWork, 'onProgress'>): Promise<DataKeyCounts> {
  const byKeyId = new Map<string, number>()
  let dataKeys = 0
  let unreadable = 0
  for await (const rows of dataKeyPages(call, {})) {
    for (const row of rows) {
      const keyIds = readableKeyIds(row.wraps)
      if (keyIds === undefined) unreadable++
      for (const keyId of keyIds ?? []) byKeyId.set(keyId, (byKeyId.get(keyId) ?? 0) + 1)
    }
    dataKeys += rows.length
    onProgress?.({ done: dataKeys })
  }
  return { dataKeys, byKeyId, unreadable }
}

/**
 * Fails unless the key id is known, every data key is readable, none is wrapped under `keyId` or under the same key by
 * another id, new ones will not be, and no archive needs it, nor one that is being made.
 */
export async function refuseUnlessRetirable(call: Call, keyId: string): Promise<Outcome<void>> {
  const { config, keys, store } = call.runtime
  // Before its archive is looked for: a backup that ends meanwhile has had it remembered by then.
  const isUnderWay = await isBackupUnderWay(call)
  const { dataKeys, byKeyId, unreadable } = await countDataKeys(call, { onProgress: undefined })
  const facts = { count: dataKeys, keyId }
  const nameOf = keyNames(config.keys)
  const names = (other: string): boolean => nameOf(other) === nameOf(keyId)
  const inUse = [...byKeyId.keys(), ...(await keys.wrapping.currentKeyIds())]
  const archives = await knownArchives(store.meta, { signal: call.signal })
  const own = await keys.fingerprints.fingerprintOf(keyId)
  const isNamed = [...inUse, ...archives.flatMap(({ archive }) => archive?.keyIds ?? [])].some(names)
  if (own === undefined && !isNamed) return { failure: unknownKeyId(keyId), event: facts }
  const isNeeded = (keyIds: readonly string[]): Promise<boolean> | boolean =>
    keyIds.some(names) || isOneOf(keys.fingerprints, own, keyIds)
  const refuse = (detail: string): Failed => ({
    failure: new VaultError('VAULT_CONFLICT', { detail, keyId, retryable: false }),
    event: facts,
  })
  if (unreadable > 0 || (await isNeeded(inUse)))
    return refuse('The key still wraps data keys, or new ones would be. Make another key current and rewrap first.')
  if (isUnderWay) return refuse('A backup is under way, and its archive may need the key. Wait for its end.')
  const needing: string[] = []
  for (const { archive, place } of archives) {
    // What somebody has altered may have needed any key.
    if (archive === undefined) needing.push(`number ${place}, which is not readable`)
    else if (await isNeeded(archive.keyIds)) needing.push(archive.id)
  }
  return needing.length === 0 ? { result: undefined, event: facts } : refuse(neededBy(needing))
}

function neededBy(archives: readonly string[]): string {
  const more = archives.length > maxNamed ? ` and ${archives.length - maxNamed} more` : ''
  return `Archives need the key: ${archives.slice(0, maxNamed).join(', ')}${more}. Prune them first.`
}

/** How many archives an error names. */
const maxNamed = 10

/** Whether a key of these ids is the same as the one of this fingerprint. */
async function isOneOf(
  fingerprints: DataKeys['fingerprints'],
  own: Uint8Array | undefined,
  keyIds: readonly string[],
): Promise<boolean> {
  if (own === undefined || own.length === 0) return false
  for (const keyId of keyIds) {
    const other = await fingerprints.fingerprintOf(keyId)
    if (other !== undefined && sameBytes(other, own)) return true
  }
  return false
}

function unknownKeyId(keyId: string): VaultError {
  const detail = 'must be a key id that the key provider or the vault knows. Check its spelling.'
  return new VaultError('VAULT_VALUE_INVALID', { field: 'keyId', keyId, detail })
}
