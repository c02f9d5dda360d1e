// A mark in the file and in its log, so that a log of another file is refused and not replayed over this one.
import { closeSync, openSync, readSync } from 'node:fs'
import type { Client } from './client.ts'
import { sql } from './statements.ts'
import { transact } from './transaction.ts'

/** Keeps the marks of one file up to date. A mark that cannot be written now is written after a later write. */
export interface LogMark {
  /** Before the first write: the number in the file is raised, so that an earlier copy of it has a lower one. */
  begin(client: Client): void
  /** After each write: SQLite may have begun the log again, which then needs a mark of its own. */
  follow(client: Client): void
  close(): void
}

/**
 * The row that the table `mcpvault_file` has is a mark: the number of a log, one higher for each log that SQLite begins,
 * and a random id, new for each copy. A log is begun only when the file has all of the log before. So the first mark in a
 * log has the copy's id and a number that is at most one higher than the number in its file, also after a crash.
 */
export function logMark(file: string): LogMark {
  let isBegun = false
  let fd: number | undefined
  let marked: string | undefined

  function saltsNow(): string | undefined {
    fd ??= openSync(`${file}-wal`, 'r')
    const salts = Buffer.alloc(8)
    return readSync(fd, salts, 0, 8, saltsAt) === 8 ? salts.toString('hex') : undefined
  }

  function mark(client: Client): void {
    transact(client, { run: () => client.run(sql.nextLog) })
    marked = saltsNow()
  }

  return {
    begin(client) {
      if (isBegun) return
      try {
        mark(client)
        client.exec(sql.emptyWal)
        mark(client)
        isBegun = true
      } catch {
        // Locked by another connection, or no room: the write itself finds the same, or the next one tries again.
      }
    },
    follow(client) {
      try {
        if (saltsNow() !== marked) mark(client)
      } catch {
        // The write before is committed and must not fail for this.
      }
    },
    close() {
      if (fd !== undefined) closeSync(fd)
      fd = undefined
    },
  }
}

/** Where a log's header has the two random numbers that are new whenever it is begun. */
const saltsAt = 16
