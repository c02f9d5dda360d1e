// Backups as the vault and the writer of archives know them: what an archive is made from, and what came of it.
import type { KeyObject } from 'node:crypto'
import type { Clock } from '../time/index.ts'
import type { CallOptions } from './awaitable.ts'
import type { VaultStore } from './store.ts'

/** An archive that a vault has made. */
export interface ArchiveInfo {
  /** 32 hex digits, random. */
  readonly id: string
  readonly createdAt: Date
  /** Every master key that something in the archive is wrapped under, as `kekId#version`, sorted. */
  readonly keyIds: readonly string[]
}

/** How much of each kind was read, or written. */
export interface BackupCounts {
  readonly secrets: number
  readonly dataKeys: number
  readonly auditRows: number
  readonly checkpoints: number
}

/** Something that the store could not read, so that no archive can have it. */
export type UnreadableItem =
  | { readonly kind: 'secret'; readonly owner: string; readonly server: string; readonly name: string }
  | { readonly kind: 'dataKey'; readonly id: string; readonly owner: string; readonly server: string }
  | { readonly kind: 'checkpoint'; readonly id: string }
  | { readonly kind: 'auditRow'; readonly stream: string }

/** A sink that failed, by its place in the list of sinks. */
export interface FailedSink {
  readonly sink: number
  readonly error: unknown
}

/** What a backup has written. */
export interface BackupReport extends BackupCounts, ArchiveInfo {
  /** The size of the archive. */
  readonly bytes: number
  /** The first 1,000 items that the store could not read. They are not in the archive; everything else is. */
  readonly unreadable: readonly UnreadableItem[]
  readonly unreadableCount: number
  /** Sinks that failed while another took the whole archive. */
  readonly failedSinks: readonly FailedSink[]
}

/** What an archive is made from. The key is the archive's own: the master keys stay with the vault. */
export interface BackupSource {
  readonly archive: Pick<ArchiveInfo, 'id' | 'createdAt'> & {
    readonly key: KeyObject
    /** MCK1 records, any of which opens the key. */
    readonly wraps: readonly Uint8Array[]
    /** Of the master keys of these wraps, by key id; without those of a key service. */
    readonly fingerprints: ReadonlyMap<string, Uint8Array>
  }
  readonly vaultId: Uint8Array
  readonly store: VaultStore
  readonly clock: Clock
  readonly call: CallOptions
  readonly onProgress: (progress: BackupCounts) => void
  /** To be called before the archive is whole: has the vault remember which master keys it needs. */
  remember(archive: ArchiveInfo): Promise<void>
  /** Has the vault forget an archive of which nothing is anywhere. */
  forget(id: string): Promise<void>
}

/** Writes an archive: `archiveTo(...)` of `@mcpvault/core/backup`. */
export type ArchiveWriter = (source: BackupSource) => Promise<BackupReport>
