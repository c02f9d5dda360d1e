// One write transaction, begun, done and ended without a pause, so that nothing of this process comes between.
import type { Client } from './client.ts'
import { sql } from './statements.ts'

/** What one write does inside a transaction. */
export interface Work<T> {
  /** Nothing of it stays when it throws. */
  run(client: Client): T
  /** Whether what was written for this result stays. Default: yes. */
  keepIf?(result: T): boolean
}

export type Transact = <T>(client: Client, work: Work<T>) => T

/**
 * Runs `work` in a transaction that holds the write lock from its start, and commits. When anything throws, nothing
 * of it stays.
 *
 * Only the statements around the work can find the database locked. They are not kept prepared: libsql leaves a
 * prepared one that failed half run, and the connection would then go on seeing the database as it was.
 */
export function transact<T>(client: Client, work: Work<T>): T {
  client.exec(sql.begin)
  try {
    const result = work.run(client)
    const stays = work.keepIf?.(result) ?? true
    client.exec(stays ? sql.commit : sql.rollback)
    return result
  } catch (error) {
    rollBack(client)
    throw error
  }
}

function rollBack(client: Client): void {
  try {
    client.exec(sql.rollback)
  } catch {
    // SQLite has rolled back by itself, as it does when the disk is full; the first error is the one to report.
  }
}
