// Walks a store that is in use, and writes each row as an entry: secrets with their data keys, then everything else.
import {
  auditPagesOf,
  type BackupCounts,
  type BackupSource,
  type Checkpoint,
  type StoredDataKey,
  type StoredSecret,
  type UnreadableItem,
} from '../contracts/index.ts'
import { encodeArchive, knownArchives, metaKey, readableKeyIds, seenKey, wrapKeyIds } from '../keys/index.ts'
import { mapConcurrent } from '../time/index.ts'
import { settle } from '../transfer/copy-data-keys.ts'
import { copyPage, copyPages, itemsAtATime } from '../transfer/copy-pages.ts'
import type { EntryWriter } from './entry-writer.ts'
import { readWithKeys, type SecretWithKeys } from './read-with-keys.ts'

/** What was written, and what could not be. */
export interface Walked {
  readonly counts: BackupCounts
  readonly keyIds: readonly string[]
  readonly unreadable: readonly UnreadableItem[]
  readonly unreadableCount: number
}

/** One walk, which its parts share. */
interface Walk extends Pick<BackupSource, 'store' | 'call'> {
  readonly entries: EntryWriter
  readonly keyIds: Set<string>
  progress(): void
  unreadable(item: UnreadableItem): void
}

const maxListed = 1_000
const vaultIdKey = 'vault-id'

/**
 * Data keys that were written so recently that the secrets after them need no new entry of them. A reader keeps twice as
 * many: at most 101 data keys for each secret of a group come between.
 */
const recentKeys = 4_096

export async function walkStore(source: BackupSource, entries: EntryWriter): Promise<Walked> {
  const { store, call, vaultId, archive, onProgress } = source
  const unreadable: UnreadableItem[] = []
  let unreadableCount = 0
  const counts = (): BackupCounts => ({
    secrets: entries.count('secret'),
    dataKeys: entries.count('dataKey'),
    auditRows: entries.count('auditRow'),
    checkpoints: entries.count('checkpoint'),
  })
  const walk: Walk = {
    store,
    call,
    entries,
    keyIds: new Set(),
    progress: () => onProgress(counts()),
    unreadable(item) {
      unreadableCount += 1
      if (unreadable.length < maxListed) unreadable.push(item)
    },
  }
  await entries.write({ kind: 'meta', key: vaultIdKey, value: vaultId })
  for (const keyId of wrapKeyIds(archive.wraps)) await noteKeyId(walk, keyId)
  await walkSecrets(walk)
  await walkDataKeys(walk)
  await walkTrail(walk)
  for (const { archive: known } of await knownArchives(store.meta, call)) {
    if (known !== undefined)
      await entries.write({ kind: 'meta', key: `archive/${known.id}`, value: encodeArchive(known) })
  }
  return { counts: counts(), keyIds: [...walk.keyIds].sort(), unreadable, unreadableCount }
}

async function walkSecrets(walk: Walk): Promise<void> {
  const { store, call } = walk
  const recent = new Set<string>()
  const pages = copyPages<StoredSecret>(call, (last) =>
    store.secrets.list({ limit: copyPage, ...(last === undefined ? {} : { after: last }) }, call),
  )
  for await (const page of pages) {
    for (let at = 0; at < page.length; at += itemsAtATime) {
      const refs = page.slice(at, at + itemsAtATime).map(({ ref }) => ref)
      const limits = { limit: itemsAtATime, signal: call.signal }
      const found = await mapConcurrent(refs, limits, (ref) => readWithKeys({ store, call, recent }, ref))
      const group = found.filter((one) => one !== undefined)
      for (const row of group.flatMap(({ rows }) => rows)) await writeKeyAhead(walk, row, recent)
      for (const one of group) await writeSecret(walk, one)
      walk.progress()
    }
  }
}

async function writeSecret({ entries, unreadable }: Walk, { record }: SecretWithKeys): Promise<void> {
  if (record.isDamaged !== true && (await entries.write({ kind: 'secret', record }))) return
  const { owner, server, name } = record.ref
  unreadable({ kind: 'secret', owner, server, name })
}

async function writeKeyAhead(walk: Walk, row: StoredDataKey, recent: Set<string>): Promise<void> {
  if (recent.has(row.id) || !(await writeKey(walk, row, 'keyAhead'))) return
  recent.add(row.id)
  const [oldest] = recent
  if (recent.size > recentKeys && oldest !== undefined) recent.delete(oldest)
}

async function walkDataKeys(walk: Walk): Promise<void> {
  const { store, call, unreadable } = walk
  const pages = copyPages<StoredDataKey>(call, (last) =>
    store.dataKeys.list({ limit: copyPage, ...(last === undefined ? {} : { after: last.id }) }, call),
  )
  for await (const page of pages) {
    for (const row of page) {
      if (await writeKey(walk, row, 'dataKey')) continue
      const { id, scope } = row
      unreadable({ kind: 'dataKey', id, owner: scope.owner, server: scope.server })
    }
    walk.progress()
  }
}

/** False for a row whose wraps the store could not read. */
async function writeKey(walk: Walk, row: StoredDataKey, kind: 'keyAhead' | 'dataKey'): Promise<boolean> {
  const keyIds = readableKeyIds(row.wraps)
  if (keyIds === undefined) return false
  for (const keyId of keyIds) await noteKeyId(walk, keyId)
  return walk.entries.write({ kind, row: await settle({ from: walk.store, options: walk.call }, row) })
}

/** What the vault keeps of a master key, before the first wrap under it. */
async function noteKeyId({ store, call, entries, keyIds }: Walk, keyId: string): Promise<void> {
  if (keyIds.has(keyId)) return
  keyIds.add(keyId)
  for (const key of [metaKey(keyId), seenKey(keyId)]) {
    const value = await store.meta.read(key, call)
    if (value !== undefined) await entries.write({ kind: 'meta', key, value })
  }
}

/** Checkpoints before the events: whatever they state must then be among these. */
async function walkTrail(walk: Walk): Promise<void> {
  const { store, call, entries, unreadable } = walk
  const pages = copyPages<Checkpoint>(call, (last) =>
    store.audit.checkpoints({ limit: copyPage, ...(last === undefined ? {} : { after: last }), ...call }),
  )
  for await (const page of pages) {
    for (const checkpoint of page) {
      if (!(await entries.write({ kind: 'checkpoint', checkpoint })))
        unreadable({ kind: 'checkpoint', id: checkpoint.id })
    }
  }
  for await (const page of auditPagesOf(store.audit, { limit: copyPage, signal: call.signal })) {
    for (const row of page) {
      if (!(await entries.write({ kind: 'auditRow', row }))) unreadable({ kind: 'auditRow', stream: row.stream })
    }
    walk.progress()
  }
}
