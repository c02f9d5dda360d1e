// The places that keep archives: what they list, which archive of theirs verifies, and how one is removed.
import type { Awaitable, CallOptions } from '../contracts/index.ts'
import { untilAborted } from '../time/index.ts'
import { parseDate, parseObject, parseString } from '../vault/parse/shapes.ts'

/** An archive as the place that keeps it lists it. */
export interface ListedArchive {
  /** As `backup` reported it. */
  readonly id: string
  readonly createdAt: Date
  /** 32 hex digits: the vault that it is of. One of another vault is left alone. Without it every archive counts. */
  readonly vaultId?: string
}

/** A place that keeps archives, such as `archiveFolder(...)` of `@mcpvault/core/backup`. */
export interface ArchivePlace {
  /** Every archive there, in any order; at most 100,000. */
  list(options: CallOptions): Awaitable<readonly ListedArchive[]>
  remove(id: string, options: CallOptions): Awaitable<void>
  /** Whether an archive verifies, which must be so before older ones may go. False, or an error, for one that does not. */
  verify(id: string, options: CallOptions): Awaitable<boolean>
}

const maxListed = 100_000

/** The archives of a place that are of this vault, newest first. */
export async function listed(
  place: ArchivePlace,
  { vaultId: own, signal }: CallOptions & { readonly vaultId: string },
): Promise<readonly ListedArchive[]> {
  const archives: unknown = await answerOf(() => place.list({ signal }), signal)
  if (!Array.isArray(archives) || archives.length > maxListed)
    throw new TypeError('list must return an array of at most 100,000 archives')
  const newest = new Map<string, ListedArchive>()
  for (const archive of archives.map(parseListed)) {
    const { id, createdAt, vaultId = own } = archive
    const other = newest.get(id)
    // The header of a copy may say what it likes until it is opened: only the latest date of an archive counts.
    if (vaultId === own && (other === undefined || other.createdAt < createdAt)) newest.set(id, archive)
  }
  return [...newest.values()].sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime())
}

function parseListed(archive: unknown): ListedArchive {
  const { id, createdAt, vaultId } = parseObject(archive, 'archive')
  return {
    id: parseString(id, 'archive.id'),
    createdAt: parseDate(createdAt, 'archive.createdAt'),
    ...(vaultId === undefined ? {} : { vaultId: parseString(vaultId, 'archive.vaultId') }),
  }
}

/** The newest archive that verifies. */
export async function newestOf(
  place: ArchivePlace,
  archives: readonly ListedArchive[],
  { signal }: CallOptions,
): Promise<ListedArchive | undefined> {
  for (const archive of archives) {
    signal?.throwIfAborted()
    try {
      if ((await answerOf(() => place.verify(archive.id, { signal }), signal)) === true) return archive
    } catch {
      // An archive that does not open is no reason to remove another; the report says what each place keeps.
    }
  }
  return undefined
}

export async function removeFrom(
  place: ArchivePlace,
  id: string,
  { signal }: CallOptions,
): Promise<{ readonly cause: unknown } | undefined> {
  try {
    await answerOf(() => place.remove(id, { signal }), signal)
    return undefined
  } catch (cause) {
    return { cause }
  }
}

/** What a place answers, waited for until the signal is aborted. */
function answerOf<T>(ask: () => Awaitable<T>, signal: AbortSignal | undefined): Promise<T> {
  const answer = (async () => await ask())()
  return untilAborted(answer, signal)
}
