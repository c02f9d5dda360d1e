// Whether the files that a connection has open are still those at their path.
import { type BigIntStats, statSync } from 'node:fs'
import { VaultError } from '@mcpvault/core'

/** Looks at files by their path, which costs a few microseconds. */
export interface FileWatch {
  /** Throws `VAULT_STORE_FAILED` when one of these files is not the one that was there at the first look. */
  look(suffixes: readonly string[]): void
}

/**
 * What a connection writes into a file that was removed or exchanged is lost, though SQLite reports that all went well.
 * A file that is not there at the first look is looked at from when it is.
 */
export function watchFiles(path: string): FileWatch {
  const seen = new Map<string, string>()
  return {
    look(suffixes) {
      for (const suffix of suffixes) {
        const stat = statSync(`${path}${suffix}`, { bigint: true, throwIfNoEntry: false })
        const before = seen.get(suffix)
        if (before === undefined) {
          if (stat !== undefined) seen.set(suffix, identityOf(stat))
        } else if (stat === undefined || identityOf(stat) !== before) throw goneError()
      }
    },
  }
}

function identityOf({ dev, ino }: BigIntStats): string {
  return `${dev}:${ino}`
}

function goneError(): VaultError {
  return new VaultError('VAULT_STORE_FAILED', {
    detail: 'The file of the database, or its log, was removed or exchanged while it was open; nothing was written.',
    retryable: false,
  })
}
