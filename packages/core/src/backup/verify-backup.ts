// verifyBackup: opens every record of an archive as it streams past, and checks the audit trail in it.
import type { AuditVerification } from '../audit/index.ts'
import type { ArchiveInfo, BackupCounts, CallOptions, KeyProvider, VaultStore } from '../contracts/index.ts'
import type { Clock } from '../time/index.ts'
import { applyTo } from './apply.ts'
import type { Entry } from './entries.ts'
import { erasures } from './erasures.ts'
import { type ArchiveSource, withArchive } from './open-archive.ts'
import { type RecordProblem, recordOpener } from './open-records.ts'
import { parseVerify } from './parse-options.ts'
import { auditRootOf, takeGroup } from './take-group.ts'
import { verifyTrail } from './verify-trail.ts'

/** Options of `verifyBackup`. */
export interface VerifyBackupOptions extends Pick<CallOptions, 'signal'> {
  readonly from: ArchiveSource
  /** The id that `backup` reported. Every other archive is refused: an older one may have taken its place. */
  readonly id?: string
  /** The vault's key provider, or one that holds a recovery key. */
  readonly keys: KeyProvider
  /** Takes everything in the archive on the way: an empty store, such as `memoryStore()`. */
  readonly into?: VaultStore
  /** Called after each group of entries. What it throws is ignored; to stop, abort the signal. */
  readonly onProgress?: (progress: BackupCounts) => void
  /** `storeMs`: the time limit of one call to `into`, in ms, from 1 to 600,000. Default 30,000. */
  readonly limits?: { readonly storeMs?: number }
  readonly clock?: Clock
}

/** What an archive holds, and what of it does not open. */
export interface BackupVerification extends BackupCounts, ArchiveInfo {
  /** Every record opens, and nothing contradicts the trail. */
  readonly ok: boolean
  /** Versions that opened. */
  readonly versions: number
  /** The first 1,000 records and versions that do not open. They were so when the archive was made. */
  readonly problems: readonly RecordProblem[]
  readonly problemCount: number
  /** Undefined when the vault has no audit trail. */
  readonly audit: AuditVerification | undefined
}

const maxListed = 1_000

/**
 * Reads an archive once, from begin to end, opens every kept version of every record, and checks the audit trail; values
 * are wiped at once. Memory does not grow with the archive. A record that does not open is reported by owner, server and
 * name. `into` is written to before the end is reached, so give it a store that can be thrown away.
 *
 * Throws `VAULT_OPEN_FAILED` for an archive that was altered or cut off anywhere, `VAULT_CONFLICT` for another one than
 * `id`, `VAULT_KEY_UNKNOWN` and
 * `VAULT_KEY_MISMATCH` for the wrong key, `VAULT_KEY_UNAVAILABLE` when the key service does not answer,
 * `VAULT_ENVELOPE_INVALID` for bytes that are no archive, and what the source throws.
 *
 * @example
 * const { ok, secrets } = await verifyBackup({ from: fileSource('monday.mcvault'), keys, into: memoryStore() })
 */
export async function verifyBackup(options: VerifyBackupOptions): Promise<BackupVerification> {
  const { into, onProgress, ...open } = parseVerify(options)
  const { call } = open
  return withArchive(open, async (archive) => {
    const { vaultId, id, createdAt } = archive.header
    const opener = recordOpener(archive.wrapping, vaultId)
    const { wrapping } = archive
    const applying = { field: 'into', call, vaultId, erasures: erasures([]), wrapping, opener } as const
    const target = into && (await applyTo({ ...applying, to: into }))
    const counts = { secrets: 0, versions: 0, dataKeys: 0, auditRows: 0, checkpoints: 0 }
    const problems: RecordProblem[] = []
    let problemCount = 0

    async function take(group: readonly Entry[]): Promise<void> {
      for (const entry of group) {
        if (entry.kind === 'keyAhead') opener.keep(entry.row)
        else if (entry.kind !== 'meta') counts[countedAs[entry.kind]] += 1
      }
      const records = group.flatMap((entry) => (entry.kind === 'secret' ? [entry.record] : []))
      const opened = await opener.open(records, call)
      counts.versions += opened.versions
      problemCount += opened.problems.length
      problems.push(...opened.problems.slice(0, maxListed - problems.length))
      await target?.apply(group)
      const { versions: _, ...progress } = counts
      onProgress(progress)
    }

    let root: Awaited<ReturnType<typeof auditRootOf>>
    let audit: AuditVerification | undefined
    for (let next = await archive.peek(); next !== undefined; next = await archive.peek()) {
      const isTrail = next.kind === 'checkpoint' || next.kind === 'auditRow'
      if (isTrail && root !== undefined && audit === undefined) {
        audit = await verifyTrail(archive, { root: root.key, call, take })
        continue
      }
      const group = (await takeGroup(archive)) ?? []
      root ??= await auditRootOf(archive, group)
      await take(group)
    }
    const { keyIds } = archive.end()
    await target?.remember({ id, createdAt, keyIds })
    const ok = problemCount === 0 && audit?.ok !== false
    return { id, createdAt, keyIds, ok, ...counts, problems, problemCount, audit }
  })
}

const countedAs = Object.freeze({
  secret: 'secrets',
  dataKey: 'dataKeys',
  checkpoint: 'checkpoints',
  auditRow: 'auditRows',
} as const)
