// restore: an archive back into a store. All of it is read and proven first; then it is read again and written.
import { openAuditTrail } from '../audit/index.ts'
import { sameBytes } from '../bytes/index.ts'
import {
  type ArchiveInfo,
  type AuditRow,
  type BackupCounts,
  type CallOptions,
  type KeyProvider,
  pagesOf,
  type VaultStore,
  vaultItself,
} from '../contracts/index.ts'
import { checkpointSeedOf } from '../envelope/index.ts'
import type { DataKey } from '../keys/index.ts'
import type { Clock } from '../time/index.ts'
import { copyPage, differs } from '../transfer/copy-pages.ts'
import { type Applied, applyTo, type RestoreProgress } from './apply.ts'
import { type Erasures, erasures } from './erasures.ts'
import { type ArchiveSource, type OpenArchive, withArchive } from './open-archive.ts'
import { recordOpener } from './open-records.ts'
import { type ParsedRestore, parseRestore } from './parse-options.ts'
import { auditRootOf, takeGroup } from './take-group.ts'

/** Options of `restore`. */
export interface RestoreOptions extends Pick<CallOptions, 'signal'> {
  /** Called twice: it must give the same bytes again. */
  readonly from: ArchiveSource
  /** The id that `backup` reported. Every other archive is refused: an older one may have taken its place. */
  readonly id?: string
  /** Migrated, and empty or of the same vault. Nobody may use it meanwhile. */
  readonly to: VaultStore
  /** The vault's key provider, or one that holds a recovery key. */
  readonly keys: KeyProvider
  /** Owners of whom nothing is brought back, beside those whose erasure the audit trail of the target or the archive has. */
  readonly erased?: readonly string[]
  /** The principal who restores, for the audit trail. Default: the vault itself. */
  readonly by?: string
  /** Called after each group of entries. What it throws is ignored; to stop, abort the signal. */
  readonly onProgress?: (progress: RestoreProgress) => void
  /** `storeMs`: the time limit of one call to the target, in ms, from 1 to 600,000. Default 30,000. */
  readonly limits?: { readonly storeMs?: number }
  readonly clock?: Clock
}

/** What a restore has done. */
export interface RestoreReport extends Applied, ArchiveInfo {
  /** The last 1,000 archives that the target knew already and that are later than this one: was it the one you wanted? */
  readonly laterArchives: readonly string[]
}

const maxListed = 1_000

/**
 * Brings an archive back into a store, of whatever engine. The whole archive is read first, and nothing is written when
 * any bit of it is not what was written; then it is read again. A secret that the target has in a newer state stays as it
 * is and is reported; so does a secret that was destroyed and made again. Owners who were erased since do not come back,
 * nor do their permissions on the secrets of others; a restore that was stopped is begun again, and goes on where
 * something is missing. Memory does not grow with the archive.
 *
 * Throws as `verifyBackup` does, `VAULT_CONFIG_INVALID` when the target is another vault's, `VAULT_STORE_FAILED` when it
 * does not answer in time, and `VAULT_CONFLICT` when somebody writes to it meanwhile, when it knows another master key
 * under an id of the archive, or when the source gives another archive than `id`, or another one the second time.
 *
 * @example
 * const { secrets, kept } = await restore({ from: fileSource('monday.mcvault'), to: store, keys })
 */
export async function restore(options: RestoreOptions): Promise<RestoreReport> {
  const parsed = parseRestore(options)
  const { to, call, clock, by } = parsed
  const erasedOwners = erasures(parsed.erased)
  const commitment = await withArchive(parsed, (archive) => prove(archive, parsed, erasedOwners))
  return withArchive(parsed, async (archive) => {
    const { id, createdAt, vaultId } = archive.header
    if (!sameBytes(archive.commitment, commitment))
      throw differs({ detail: 'The source gave another archive the second time.' })
    const { wrapping } = archive
    const opener = recordOpener(wrapping, vaultId)
    const target = await applyTo({ to, field: 'to', call, vaultId, erasures: erasedOwners, wrapping, opener })
    await learnFromTarget(archive, parsed, erasedOwners)
    for (let group = await takeGroup(archive); group !== undefined; group = await takeGroup(archive)) {
      for (const entry of group) if (entry.kind === 'keyAhead') opener.keep(entry.row)
      await target.apply(group)
      parsed.onProgress({ step: 'restore', ...countsOf(target.applied()) })
    }
    const { keyIds } = archive.end()
    await target.remember({ id, createdAt, keyIds })
    await target.findErased()
    const applied = target.applied()
    // The root of the target: it may be a later one than that of the archive.
    const root = await auditRootIn(archive, parsed)
    if (root !== undefined) await recordRestore({ to, clock, root, vaultId, by, count: applied.secrets })
    const later = target.known.filter((other) => other.createdAt > createdAt).map((other) => other.id)
    return { id, createdAt, keyIds, ...applied, laterArchives: later.slice(-maxListed) }
  })
}

/** Reads all of an archive, and learns of its erasures: an owner may have been erased while it was made. */
async function prove(archive: OpenArchive, { onProgress }: ParsedRestore, erased: Erasures): Promise<Buffer> {
  const { vaultId } = archive.header
  const counts = { secrets: 0, dataKeys: 0, auditRows: 0, checkpoints: 0 }
  let root: DataKey | undefined
  for (let group = await takeGroup(archive); group !== undefined; group = await takeGroup(archive)) {
    root ??= await auditRootOf(archive, group)
    const rows = group.flatMap((entry) => (entry.kind === 'auditRow' ? [entry.row] : []))
    if (root !== undefined) erased.learn({ root: root.key, vaultId }, rows)
    counts.auditRows += rows.length
    for (const { kind } of group) {
      if (kind === 'secret') counts.secrets += 1
      if (kind === 'dataKey') counts.dataKeys += 1
      if (kind === 'checkpoint') counts.checkpoints += 1
    }
    onProgress({ step: 'verify', ...counts })
  }
  archive.end()
  return archive.commitment
}

/** The erasures that the target has seen. Its own audit root opens its trail. */
async function learnFromTarget(archive: OpenArchive, options: ParsedRestore, erased: Erasures): Promise<void> {
  const { to, call } = options
  const root = await auditRootIn(archive, options)
  if (root === undefined) return
  const next = (last: AuditRow | undefined) => {
    const after = last && { at: last.columns.at, stream: last.stream, sequence: last.sequence }
    return to.audit.query({ actions: ['owner.erased'] }, { limit: copyPage, ...(after && { after }), ...call })
  }
  for await (const rows of pagesOf(next, { limit: copyPage, signal: call.signal }))
    erased.learn({ root: root.key, vaultId: archive.header.vaultId }, rows)
}

/** The audit root that the target has. */
async function auditRootIn({ wrapping }: OpenArchive, { to, call }: ParsedRestore): Promise<DataKey | undefined> {
  const row = await to.dataKeys.active({ kind: 'audit', owner: '', server: '' }, call)
  return row && wrapping.unwrapRow(row)
}

interface Restored {
  readonly to: VaultStore
  readonly clock: Clock
  readonly root: DataKey
  readonly vaultId: Uint8Array
  readonly by: string | undefined
  readonly count: number
}

/** One event in the trail of the target, in a stream of its own. */
async function recordRestore({ to, clock, root, vaultId, by = vaultItself, count }: Restored): Promise<void> {
  const checkpointSeed = checkpointSeedOf(root.key, vaultId)
  const trail = openAuditTrail({ root: root.key, checkpointSeed, vaultId, store: to, mode: 'required', clock })
  try {
    await trail.record({
      action: 'backup.restored',
      outcome: 'allowed',
      operation: 'restore',
      principal: by,
      count,
      keyId: root.keyId,
    })
  } finally {
    await trail.close()
  }
}

function countsOf({ secrets, dataKeys, auditRows, checkpoints }: Applied): BackupCounts {
  return { secrets, dataKeys, auditRows, checkpoints }
}
