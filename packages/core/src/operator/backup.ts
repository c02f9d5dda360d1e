// backup: an archive of the whole vault, under a key of its own that the vault's master keys wrap.
import type { ArchiveWriter, BackupCounts, BackupReport, StoredDataKey } from '../contracts/index.ts'
import { forgetArchive, knownArchives, rememberArchive, wrapKeyIds } from '../keys/index.ts'
import { progressReporter } from '../time/index.ts'
import type { Call, Outcome } from '../vault/operation.ts'
import { parseOptional, parseSignal } from '../vault/parse/shapes.ts'
import { refuseUnknown } from '../vault/parse/unknown.ts'
import { beginBackup } from './backups-under-way.ts'

/** Options of `backup`. */
export interface BackupOptions {
  /** Writes the archive: `archiveTo(...)` of `@mcpvault/core/backup`. */
  readonly to: ArchiveWriter
  /** Called as the archive grows. What it throws is ignored; to stop the backup, abort the signal. */
  readonly onProgress?: (progress: BackupCounts) => void
  readonly signal?: AbortSignal | undefined
}

/** Checked options of `backup`. */
export interface ParsedBackup {
  readonly to: ArchiveWriter
  readonly onProgress: (progress: BackupCounts) => void
  readonly signal: AbortSignal | undefined
}

const archiveScope = Object.freeze({ kind: 'archive', owner: '', server: '' } as const)

/** Checks the options. */
export function parseBackup(options: unknown): ParsedBackup {
  const given = parseOptional(options, 'options')
  refuseUnknown(given, ['to', 'onProgress', 'signal'], 'options')
  const { to, onProgress, signal } = given
  if (!isWriter(to)) throw new TypeError('to must be what archiveTo(...) of @mcpvault/core/backup returns')
  return { to, onProgress: progressReporter<BackupCounts>(onProgress), signal: parseSignal(signal) }
}

/** The trail is signed first, so that the archive has a statement of how far every stream had come. */
export async function makeBackup(call: Call, backup: ParsedBackup): Promise<Outcome<BackupReport>> {
  const lock = await beginBackup(call)
  try {
    return await writeBackup(call, backup)
  } finally {
    await lock.release()
  }
}

async function writeBackup(call: Call, { to, onProgress, signal }: ParsedBackup): Promise<Outcome<BackupReport>> {
  const { runtime } = call
  const { keys, store, vaultId, trail, config } = runtime
  await trail?.settle({ signal })
  // A checkpoint that fails raises its alarm; the archive is wanted all the same.
  await trail?.checkpoint().catch(() => undefined)
  // Opened from its wraps, so that an archive whose key does not come back is never written.
  const { row, key: archiveKey } = await keys.wrapping.newKey(archiveScope)
  await keys.admit(row.wraps)
  const options = { signal }
  const report = await to({
    archive: {
      id: row.id,
      createdAt: row.createdAt,
      key: archiveKey.key,
      wraps: row.wraps,
      fingerprints: await fingerprintsOf(call, row),
    },
    vaultId,
    store,
    clock: config.clock,
    call: options,
    onProgress,
    remember: (archive) => rememberArchive(store.meta, archive, options),
    async forget(id) {
      // Without the signal, which may be what has ended the backup.
      for (const known of await knownArchives(store.meta, {}))
        if (known.archive?.id === id) await forgetArchive(store.meta, known, {})
    },
  })
  return { result: report, event: { count: report.secrets, keyId: wrapKeyIds(row.wraps).join(',') } }
}

async function fingerprintsOf(
  { runtime }: Call,
  { wraps }: Pick<StoredDataKey, 'wraps'>,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>()
  for (const keyId of wrapKeyIds(wraps)) {
    const fingerprint = await runtime.keys.fingerprints.fingerprintOf(keyId)
    if (fingerprint !== undefined && fingerprint.length > 0) found.set(keyId, fingerprint)
  }
  return found
}

function isWriter(value: unknown): value is ArchiveWriter {
  return typeof value === 'function'
}
