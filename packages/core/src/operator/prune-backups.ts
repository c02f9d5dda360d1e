// pruneBackups: archives that are too old are removed, and the vault forgets that they need its master keys.
import { encodeHex, hasFunctions } from '../bytes/index.ts'
import { VaultError } from '../errors/index.ts'
import { forgetArchive, type KnownArchive, knownArchives } from '../keys/index.ts'
import type { Call, Done } from '../vault/operation.ts'
import { parseInteger, parseObject, parseSignal } from '../vault/parse/shapes.ts'
import { refuseUnknown } from '../vault/parse/unknown.ts'
import { type ArchivePlace, type ListedArchive, listed, newestOf, removeFrom } from './archive-places.ts'

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
  if (!hasFunctions<ArchivePlace>(place, ['list', 'remove', 'verify']))
    throw new TypeError('places must have the functions list, remove and verify')
  return place
}

/**
 * Removes what is too old in each place. An archive is forgotten when no place has it any more, which a place where none
 * verifies does not say: its disk may not be there.
 */
export async function pruneBackups(call: Call, { places, maxAgeMs, signal }: ParsedPrune): Promise<Done<PruneReport>> {
  const { config, store } = call.runtime
  const vaultId = encodeHex(call.runtime.vaultId)
  const before = new Date(config.clock.now().getTime() - maxAgeMs)
  const known = await knownArchives(store.meta, { signal })
  const failed: { readonly id: string; readonly error: unknown }[] = []
  const newestVerified: (string | undefined)[] = []
  const kept = new Set<string>()
  let removed = 0
  let keptCount = 0
  for (const place of places) {
    const archives = await listed(place, { vaultId, signal })
    const newest = await newestOf(place, archives, { signal })
    newestVerified.push(newest?.id)
    const isOld = oldFor({ before, newest, known })
    for (const archive of archives) {
      signal?.throwIfAborted()
      const { id } = archive
      const isOver = isOld(archive)
      const error = isOver ? await removeFrom(place, id, { signal }) : undefined
      if (isOver && error === undefined) removed++
      else {
        kept.add(id)
        keptCount++
      }
      if (error !== undefined) failed.push({ id, error: error.cause })
    }
  }
  if (!newestVerified.includes(undefined)) await forgetOld(call, { before, kept, known })
  const report = { removed, kept: keptCount, newestVerified, failed }
  return { result: report, event: { count: removed, outcome: failed.length === 0 ? 'allowed' : 'failed' } }
}

interface Ages {
  readonly before: Date
  readonly newest: ListedArchive | undefined
  readonly known: readonly KnownArchive[]
}

/**
 * Whether an archive is over: too old, and older than the newest one that verifies, both by its date and in the order in
 * which the vault made them, since a clock may have been wrong. A later one that does not verify now may be all that is
 * left of what came since.
 */
function oldFor({ before, newest, known }: Ages): (archive: ListedArchive) => boolean {
  const places = new Map(known.map(({ archive, place }) => [archive?.id, place]))
  const newestPlace = places.get(newest?.id) ?? Number.POSITIVE_INFINITY
  return ({ id, createdAt }) =>
    newest !== undefined && createdAt < before && createdAt < newest.createdAt && (places.get(id) ?? 0) < newestPlace
}

/** Also those that were removed elsewhere, such as by the rules of a bucket: no place has them. */
async function forgetOld(
  { runtime, signal }: Call,
  {
    before,
    kept,
    known,
  }: { readonly before: Date; readonly kept: ReadonlySet<string>; readonly known: readonly KnownArchive[] },
): Promise<void> {
  for (const each of known) {
    const { archive } = each
    if (archive !== undefined && archive.createdAt < before && !kept.has(archive.id))
      await forgetArchive(runtime.store.meta, each, { signal })
  }
}
