// The operator's verbs for backups.
import type { BackupReport } from '../contracts/index.ts'
import type { Call, CallRequest, Outcome } from '../vault/operation.ts'
import { type BackupOptions, makeBackup, parseBackup } from './backup.ts'
import { type PruneOptions, type PruneReport, parsePrune, pruneBackups } from './prune-backups.ts'

/** What an operator does about backups. `verifyBackup` and `restore` need no vault: see `@mcpvault/core/backup`. */
export interface BackupVerbs {
  /**
   * Writes an encrypted archive of the whole vault: secrets with all versions, permissions and counters, data keys, the
   * audit trail and its checkpoints. Nothing in it can be read without a master key, and values stay sealed under their
   * data keys beneath. The vault is used on meanwhile: each record is in the archive as it was at some moment of the run,
   * with the data key that opens it. Memory does not grow with the vault.
   *
   * Throws `VAULT_STORE_FAILED` with the error of the first sink as its cause when no sink took the whole archive, and
   * the error of the store or the key provider that ended it.
   *
   * @example
   * const { id, secrets } = await vault.operator(olga).backup({ to: archiveTo(fileSink('monday.mcvault')) })
   */
  backup(options: BackupOptions): Promise<BackupReport>
  /**
   * Removes archives that are older than 90 days, or `maxAgeMs`, from every place. The newest archive of a place that
   * verifies is kept whatever its age, and so are those that came later; a place with none that verifies is left as it is.
   * When each place has one, the vault then forgets that the removed archives need its master keys, see `assertRetirable`.
   *
   * @example
   * await vault.operator(olga).pruneBackups({ places: [archiveFolder('backups', { keys })] })
   */
  pruneBackups(options: PruneOptions): Promise<PruneReport>
}

/** Runs work of an operator, who must have a role for it. */
type Run = <T>(
  request: Pick<CallRequest, 'operation' | 'action'> & { readonly signal: AbortSignal | undefined },
  work: (call: Call) => Promise<Outcome<T>>,
) => Promise<T>

/** The verbs of one operator. */
export function backupVerbs(run: Run): BackupVerbs {
  return {
    backup: async (options) => {
      const backup = parseBackup(options)
      const request = { operation: 'backup', action: 'backup.created', signal: backup.signal } as const
      return run(request, (call) => makeBackup(call, backup))
    },
    pruneBackups: async (options) => {
      const prune = parsePrune(options)
      const request = { operation: 'pruneBackups', action: 'backup.pruned', signal: prune.signal } as const
      return run(request, (call) => pruneBackups(call, prune))
    },
  }
}
