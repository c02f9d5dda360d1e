// Writes the entries of an archive into a store, group by group, and counts what became of them.
import { sameBytes } from '../bytes/index.ts'
import type {
  ArchiveInfo,
  AuditRow,
  BackupCounts,
  CallOptions,
  Scope,
  SecretRef,
  StoredDataKey,
  StoredSecret,
  VaultStore,
} from '../contracts/index.ts'
import { VaultError } from '../errors/index.ts'
import { type KeyWrapping, knownArchives, parseArchive, rememberArchive, seenKey } from '../keys/index.ts'
import { mapConcurrent } from '../time/index.ts'
import { runsOf } from '../transfer/copy-audit.ts'
import { byScope } from '../transfer/copy-data-keys.ts'
import { copyPage, copyPages, differs, itemsAtATime } from '../transfer/copy-pages.ts'
import type { Entry } from './entries.ts'
import type { Erasures } from './erasures.ts'
import type { RecordOpener } from './open-records.ts'
import { restoreKey } from './restore-key.ts'
import { restoreSecret, withoutErased } from './restore-secret.ts'

/** A secret that the target has in another state, which stays as it is. */
export interface KeptSecret extends SecretRef {
  /** `newer`: a later revision of it. `other`: another secret of this name, or one that differs in the same revision. */
  readonly reason: 'newer' | 'other'
}

/** What became of the entries of an archive. Counts are of what was written. */
export interface Applied extends BackupCounts {
  /** Secrets of an earlier revision that were replaced, and damaged ones; counted among `secrets`. */
  readonly replaced: number
  /** Secrets that were there already, as they are in the archive. */
  readonly unchanged: number
  /** The first 1,000 secrets that the target has in another state. */
  readonly kept: readonly KeptSecret[]
  readonly keptCount: number
  /**
   * The first 1,000 owners who were erased after the archive was made, or whom the caller named; also those who were
   * erased before, and of whom the target still has something. Erase each of them again.
   */
  readonly erased: readonly string[]
  /** Secrets of theirs that were not brought back. */
  readonly erasedSecrets: number
  /** The first 1,000 streams in which the target has other events than the archive; these stay as they are. */
  readonly forkedStreams: readonly string[]
}

/** How far a restore has come. `verify`: entries that were read; `restore`: rows that were written. */
export interface RestoreProgress extends BackupCounts {
  readonly step: 'verify' | 'restore'
}

export interface ApplyOptions {
  readonly to: VaultStore
  /** The name of the option that `to` is. */
  readonly field: 'to' | 'into'
  readonly call: CallOptions
  readonly vaultId: Uint8Array
  readonly erasures: Erasures
  readonly wrapping: KeyWrapping
  readonly opener: RecordOpener
}

export interface Target {
  apply(group: readonly Entry[]): Promise<void>
  /** Has the target remember an archive, unless it does. */
  remember(archive: ArchiveInfo): Promise<void>
  /** The archives that the target knew before. */
  readonly known: readonly ArchiveInfo[]
  /** Looks for owners who were erased, and of whom the target has data keys from before. */
  findErased(): Promise<void>
  applied(): Applied
}

const maxListed = 1_000

/** Claims the store for the vault. Throws `VAULT_CONFIG_INVALID` when it is another vault's. */
export async function applyTo(options: ApplyOptions): Promise<Target> {
  const { to, field, call, vaultId, erasures, wrapping, opener } = options
  if (!sameBytes(await to.meta.insertOnce('vault-id', vaultId, call), vaultId)) {
    const detail = 'must be an empty store, or one of the vault that the archive is of: it holds another one.'
    throw new VaultError('VAULT_CONFIG_INVALID', { field, detail })
  }
  const limits = { limit: itemsAtATime, signal: call.signal }
  const isFresh = (await to.dataKeys.list({ limit: 1 }, call)).length === 0
  const target = { to, call, vaultId, wrapping, isFresh, opener }
  const known = (await knownArchives(to.meta, call)).flatMap(({ archive }) => archive ?? [])
  const knownIds = new Set(known.map(({ id }) => id))
  const counts = { secrets: 0, dataKeys: 0, auditRows: 0, checkpoints: 0, replaced: 0, unchanged: 0, erasedSecrets: 0 }
  const kept: KeptSecret[] = []
  const erased = new Set<string>()
  const forked = new Set<string>()
  let keptCount = 0

  const isErased = ({ owner }: Scope, createdAt: Date): boolean => {
    if (!erasures.hasErased(owner, createdAt)) return false
    if (erased.size < maxListed) erased.add(owner)
    return true
  }

  async function remember(archive: ArchiveInfo): Promise<void> {
    if (knownIds.has(archive.id)) return
    knownIds.add(archive.id)
    await rememberArchive(to.meta, archive, call)
  }

  async function applyMeta(key: string, value: Uint8Array): Promise<void> {
    const archive = key.startsWith('archive/') ? parseArchive(value) : undefined
    if (archive !== undefined) return remember(archive)
    const kept = await to.meta.insertOnce(key, value, call)
    // Since when a key is in use is not what it is: the target may know an earlier or a later time.
    if (!key.startsWith(seenKey('')) && !sameBytes(kept, value))
      throw differs({ detail: 'The target knows another key under the id of one of the archive.' })
  }

  async function applyKeys(rows: readonly StoredDataKey[]): Promise<void> {
    const wanted = rows.filter(({ scope, createdAt }) => scope.kind === 'audit' || !isErased(scope, createdAt))
    // Rows of one scope exclude each other while they are active, so those of a scope come one after the other.
    await mapConcurrent(byScope(wanted), limits, async (ofScope) => {
      for (const row of ofScope) if (await restoreKey(target, row)) counts.dataKeys += 1
    })
  }

  async function applySecret(record: StoredSecret): Promise<void> {
    if (isErased(record.ref, record.createdAt)) {
      counts.erasedSecrets += 1
      return
    }
    const outcome = await restoreSecret(target, await withoutErased({ vaultId, erasures, opener }, record))
    if (outcome === 'newer' || outcome === 'other') {
      keptCount += 1
      if (kept.length < maxListed) kept.push({ ...record.ref, reason: outcome })
    } else if (outcome === 'unchanged') counts.unchanged += 1
    else {
      counts.secrets += 1
      if (outcome === 'replaced') counts.replaced += 1
    }
  }

  async function applyRows(rows: readonly AuditRow[]): Promise<void> {
    for (const run of runsOf(rows)) {
      const [first] = run
      if (first === undefined || forked.has(first.stream)) continue
      if ((await to.audit.append(run, call)) === 'forked') {
        if (forked.size < maxListed) forked.add(first.stream)
        continue
      }
      // A row that the target had before may be from before a user became a pseudonym.
      for (const row of run) if (row.redaction !== undefined) await to.audit.redact(row, call)
      counts.auditRows += run.length
    }
  }

  return {
    remember,
    known,
    async findErased() {
      const pages = copyPages<StoredDataKey>(call, (last) =>
        to.dataKeys.list({ limit: copyPage, ...(last === undefined ? {} : { after: last.id }) }, call),
      )
      for await (const page of pages)
        for (const { scope, createdAt } of page) if (scope.kind === 'values') isErased(scope, createdAt)
    },
    async apply(group) {
      for (const entry of group) {
        if (entry.kind === 'meta' && entry.key !== 'vault-id') await applyMeta(entry.key, entry.value)
        if (entry.kind === 'checkpoint') await to.audit.putCheckpoint(entry.checkpoint, call)
        if (entry.kind === 'checkpoint') counts.checkpoints += 1
      }
      await applyKeys(group.flatMap((entry) => (isKey(entry) ? [entry.row] : [])))
      await mapConcurrent(
        group.flatMap((entry) => (entry.kind === 'secret' ? [entry.record] : [])),
        limits,
        applySecret,
      )
      await applyRows(group.flatMap((entry) => (entry.kind === 'auditRow' ? [entry.row] : [])))
    },
    applied: () => ({ ...counts, kept, keptCount, erased: [...erased].sort(), forkedStreams: [...forked] }),
  }
}

function isKey(entry: Entry): entry is Extract<Entry, { readonly kind: 'keyAhead' | 'dataKey' }> {
  return entry.kind === 'keyAhead' || entry.kind === 'dataKey'
}
