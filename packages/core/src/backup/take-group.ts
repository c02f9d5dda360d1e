// Takes the entries of an archive a group at a time, so that what is alike is read and written together.
import type { DataKey } from '../keys/index.ts'
import { copyPage, itemsAtATime } from '../transfer/copy-pages.ts'
import type { Entry } from './entries.ts'
import type { OpenArchive } from './open-archive.ts'

/** Entries of one kind that follow each other; undefined at the end. Secrets may be large, so these are few. */
export async function takeGroup(archive: OpenArchive): Promise<readonly Entry[] | undefined> {
  const next = await archive.peek()
  if (next === undefined) return undefined
  return archive.take(next.kind, next.kind === 'secret' ? itemsAtATime : copyPage)
}

/** The key of the audit trail, when it is in this group. */
export async function auditRootOf(archive: OpenArchive, group: readonly Entry[]): Promise<DataKey | undefined> {
  for (const entry of group) {
    if (entry.kind !== 'dataKey' || entry.row.scope.kind !== 'audit' || entry.row.state !== 'active') continue
    return archive.wrapping.unwrapRow(entry.row)
  }
  return undefined
}
