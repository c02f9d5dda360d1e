// The entry @mcpvault/core/backup: writing, verifying and restoring archives, for those who make backups.
export type {
  ArchiveInfo,
  ArchiveWriter,
  BackupCounts,
  BackupReport,
  FailedSink,
  UnreadableItem,
} from '../contracts/index.ts'
export type { Applied, KeptSecret, RestoreProgress } from './apply.ts'
export { type ArchiveFolder, archiveFolder, type FiledArchive, fileSource } from './archive-folder.ts'
export { archiveTo, type SinkLike } from './archive-to.ts'
export { fileSink } from './file-sink.ts'
export type { ArchiveSource } from './open-archive.ts'
export type { RecordProblem } from './open-records.ts'
export { type RestoreOptions, type RestoreReport, restore } from './restore.ts'
export type { ArchiveSink, SinkOptions } from './sinks.ts'
export { type BackupVerification, type VerifyBackupOptions, verifyBackup } from './verify-backup.ts'
