// The archives that a vault has made, and the master keys that each needs, as it keeps them among its small values.
import { utf8Bytes, utf8Text } from '../bytes/index.ts'
import type { ArchiveInfo, CallOptions, MetaStore } from '../contracts/index.ts'
import { VaultError } from '../errors/index.ts'

/** A place in the list of archives. Its archive is undefined when somebody has altered what the vault wrote. */
export interface KnownArchive {
  readonly place: number
  readonly archive: ArchiveInfo | undefined
}

/**
 * Archives that a vault can have made in all: ten a day for 27 years. Values of a store are written once, so each archive
 * takes the next place, and one that is gone gets a mark beside it.
 */
const maxPlaces = 100_000
/** Places read at a time, at first and at most: most vaults have few archives, or none. */
const readAtFirst = 2
const maxReadAtATime = 32

/** The archives that are not gone, in the order in which they were made. */
export async function knownArchives(meta: MetaStore, options: CallOptions): Promise<readonly KnownArchive[]> {
  const known: KnownArchive[] = []
  let length = readAtFirst
  for (let first = 1; first <= maxPlaces; ) {
    options.signal?.throwIfAborted()
    const places = Array.from({ length }, (_, index) => first + index)
    const found = await Promise.all(places.map((place) => readPlace(meta, place, options)))
    for (const one of found) if (one !== undefined && one !== 'gone') known.push(one)
    if (found.includes(undefined)) return known
    first += length
    length = Math.min(2 * length, maxReadAtATime)
  }
  return known
}

/** Adds an archive. */
export async function rememberArchive(
  meta: MetaStore,
  { id, createdAt, keyIds }: ArchiveInfo,
  options: CallOptions,
): Promise<void> {
  const bytes = encodeArchive({ id, createdAt, keyIds })
  for (let place = await firstFree(meta, options); place <= maxPlaces; place++) {
    options.signal?.throwIfAborted()
    const stored = parseArchive(await meta.insertOnce(placeKey(place), bytes, options))
    if (stored?.id === id) return
  }
  throw new VaultError('VAULT_CONFLICT', {
    detail: 'The vault has made 100,000 archives, and cannot remember more. Copy it to a new store.',
    retryable: false,
  })
}

/** Marks an archive as gone. */
export async function forgetArchive(meta: MetaStore, { place }: KnownArchive, options: CallOptions): Promise<void> {
  await meta.insertOnce(goneKey(place), Uint8Array.of(1), options)
}

/** The first free place, found by halving, since places have no gaps. */
async function firstFree(meta: MetaStore, options: CallOptions): Promise<number> {
  const isTaken = async (place: number): Promise<boolean> => (await meta.read(placeKey(place), options)) !== undefined
  let free = 1
  while (free <= maxPlaces && (await isTaken(free))) free *= 2
  let taken = Math.floor(free / 2)
  while (free - taken > 1) {
    const middle = Math.floor((free + taken) / 2)
    if (await isTaken(middle)) taken = middle
    else free = middle
  }
  return free
}

async function readPlace(
  meta: MetaStore,
  place: number,
  options: CallOptions,
): Promise<KnownArchive | 'gone' | undefined> {
  const bytes = await meta.read(placeKey(place), options)
  if (bytes === undefined) return undefined
  return (await meta.read(goneKey(place), options)) === undefined ? { place, archive: parseArchive(bytes) } : 'gone'
}

/** An archive as the vault keeps it, and as its later archives have it. */
export function encodeArchive({ id, createdAt, keyIds }: ArchiveInfo): Buffer {
  return utf8Bytes(JSON.stringify({ createdAt: createdAt.toISOString(), id, keyIds }))
}

/** The same; undefined for any other bytes. */
export function parseArchive(bytes: Uint8Array): ArchiveInfo | undefined {
  try {
    const { id, createdAt, keyIds }: Readonly<Record<string, unknown>> = JSON.parse(utf8Text(bytes) ?? '')
    if (typeof id !== 'string' || typeof createdAt !== 'string' || !Array.isArray(keyIds)) return undefined
    const at = new Date(createdAt)
    if (Number.isNaN(at.getTime())) return undefined
    return { id, createdAt: at, keyIds: keyIds.map(String) }
  } catch {
    return undefined
  }
}

function placeKey(place: number): string {
  return `archive/${place}`
}

function goneKey(place: number): string {
  return `archive/${place}/gone`
}
