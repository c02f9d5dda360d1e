// pruneBackups: archives that are too old are removed, and the vault forgets that they need its master keys.
import { type Awaitable, ownOptions } from '../contracts/index.ts'
import { VaultError } from '../errors/index.ts'
import { forgetArchive, knownArchives } from '../keys/index.ts'
import type { Call, Done } from '../vault/operation.ts'
import { parseDate, parseInteger, parseObject, parseSignal, parseString } from '../vault/parse/shapes.ts'
import { refuseUnknown } from '../vault/parse/unknown.ts'

/** An archive as the place that keeps it lists it. */
export interface ListedArchive {
  /** As `backup` reported it. */
  readonly id: string
  readonly createdAt: Date
}

/** A place that keeps archives, such as `archiveFolder(...)` of `@mcpvault/core/backup`. */
export interface ArchivePlace {
  /** Every archive there, in any order; at most 100,000. */
  list(): Awaitable<readonly ListedArchive[]>
  remove(id: string): Awaitable<void>
  /** Whether an archive verifies, which must be so before older ones may go. False, or an error, for one that does not. */
  verify(id: string): Awaitable<boolean>
}

/** Options of `pruneBackups`. */
export interface PruneOptions {
  /** Every place that keeps archives of this vault. Each keeps its own newest one that verifies. */
  readonly places: readonly ArchivePlace[]
  /** Archives that are older go. Milliseconds; default 90 days. */
  readonly maxAgeMs?: number
  readonly signal?: AbortSignal | undefined
}

/** What was removed, and what was not. */
export interface PruneReport {
  /** Archives that were removed, once for each place. */
  readonly removed: number
  readonly kept: number
  /** The archive that each place keeps whatever its age; undefined where none verifies, and nothing was removed then. */
  readonly newestVerified: readonly (string | undefined)[]
  /** Archives that could not be removed, with the error of their place. */
  readonly failed: readonly { readonly id: string; readonly error: unknown }[]
}

/** Checked options of `pruneBackups`. */
export interface ParsedPrune extends Required<PruneOptions> {}

const defaultMaxAgeMs = 90 * 24 * 60 * 60 * 1_000
const maxListed = 100_000

/** Checks the options. */
export function parsePrune(options: unknown): ParsedPrune {
  const given = parseObject(options, 'options')
  refuseUnknown(given, ['places', 'maxAgeMs', 'signal'], 'options')
  const { places, maxAgeMs = defaultMaxAgeMs, signal } = given
  if (!Array.isArray(places) || places.length === 0) throw new TypeError('places must be an array of places')
  const age = parseInteger(maxAgeMs, 'maxAgeMs')
  if (age < 0) throw new VaultError('VAULT_VALUE_INVALID', { field: 'maxAgeMs', detail: 'must not be negative.' })
  return { places: places.map(parsePlace), maxAgeMs: age, signal: parseSignal(signal) }
}

function parsePlace(place: unknown): ArchivePlace {
  if (!isPlace(place)) throw new TypeError('places must have the functions list, remove and verify')
  return place
}

function isPlace(place: unknown): place is ArchivePlace {
  if (typeof place !== 'object' || place === null) return false
  return ['list', 'remove', 'verify'].every((name) => name in place && typeof Reflect.get(place, name) === 'function')
}

/** Removes what is too old in each place. An archive is forgotten when no place has it any more. */
export async function pruneBackups(call: Call, { places, maxAgeMs, signal }: ParsedPrune): Promise<Done<PruneReport>> {
  const before = new Date(call.runtime.config.clock.now().getTime() - maxAgeMs)
  const failed: { readonly id: string; readonly error: unknown }[] = []
  const newestVerified: (string | undefined)[] = []
  const kept = new Set<string>()
  let removed = 0
  let keptCount = 0
  for (const place of places) {
    const archives = await listed(place)
    const newest = await newestOf(place, archives, signal)
    newestVerified.push(newest)
    for (const { id, createdAt } of archives) {
      signal?.throwIfAborted()
      const isOld = newest !== undefined && id !== newest && createdAt < before
      const error = isOld ? await removeFrom(place, id) : undefined
      if (isOld && error === undefined) removed++
      else {
        kept.add(id)
        keptCount++
      }
      if (error !== undefined) failed.push({ id, error: error.cause })
    }
  }
  await forgetOld(call, { before, kept })
  const report = { removed, kept: keptCount, newestVerified, failed }
  return { result: report, event: { count: removed, outcome: failed.length === 0 ? 'allowed' : 'failed' } }
}

/** The archives of a place, newest first. */
async function listed(place: ArchivePlace): Promise<readonly ListedArchive[]> {
  const archives: unknown = await place.list()
  if (!Array.isArray(archives) || archives.length > maxListed)
    throw new TypeError('list must return an array of at most 100,000 archives')
  return archives
    .map((archive: unknown) => {
      const { id, createdAt } = ownOptions(parseObject(archive, 'archive'))
      return { id: parseString(id, 'archive.id'), createdAt: parseDate(createdAt, 'archive.createdAt') }
    })
    .sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime())
}

/** The newest archive that verifies. */
async function newestOf(
  place: ArchivePlace,
  archives: readonly ListedArchive[],
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  for (const { id } of archives) {
    signal?.throwIfAborted()
    try {
      if ((await place.verify(id)) === true) return id
    } catch {
      // An archive that does not open is no reason to remove another; the report says what each place keeps.
    }
  }
  return undefined
}

async function removeFrom(place: ArchivePlace, id: string): Promise<{ readonly cause: unknown } | undefined> {
  try {
    await place.remove(id)
    return undefined
  } catch (cause) {
    return { cause }
  }
}

/** Also those that were removed elsewhere, such as by the rules of a bucket: no place has them. */
async function forgetOld(
  { runtime, signal }: Call,
  { before, kept }: { readonly before: Date; readonly kept: ReadonlySet<string> },
): Promise<void> {
  const { meta } = runtime.store
  for (const known of await knownArchives(meta, { signal })) {
    const { archive } = known
    if (archive !== undefined && archive.createdAt < before && !kept.has(archive.id))
      await forgetArchive(meta, known, { signal })
  }
}
