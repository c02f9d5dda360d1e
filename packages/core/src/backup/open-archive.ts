// Opens an archive: its key by the key provider, then every entry as the frames come, and at the end whether it is whole.
import { createHash, timingSafeEqual } from 'node:crypto'
import { sameBytes } from '../bytes/index.ts'
import type { Awaitable, CallOptions, KeyProvider } from '../contracts/index.ts'
import { isVaultError, VaultError } from '../errors/index.ts'
import { createKeyWrapping, type KeyWrapping } from '../keys/index.ts'
import type { Clock } from '../time/index.ts'
import { type ByteReader, byteReader, openSource } from './byte-reader.ts'
import { decodeEntry } from './decode-entry.ts'
import { type ArchiveEnd, type Entry, type EntryKind, lengthBytes, maxEntryBytes } from './entries.ts'
import { malformed } from './entry-fields.ts'
import { noEntries } from './entry-writer.ts'
import { notWhole, openFrames } from './frames.ts'
import {
  type ArchiveHeader,
  archiveKeys,
  commitmentBytes,
  parseHeader,
  parsePreamble,
  preambleBytes,
} from './header.ts'

/** Gives the bytes of an archive from the beginning, each time that it is called. */
export type ArchiveSource = () => Awaitable<AsyncIterable<Uint8Array>>

/** What an archive is opened with. */
export interface OpenOptions {
  readonly from: ArchiveSource
  /** The archive that is wanted; undefined for whatever the source gives. */
  readonly id: string | undefined
  readonly keys: KeyProvider
  readonly clock: Clock
  readonly call: CallOptions
}

/** An archive whose key is open. */
export interface OpenArchive {
  readonly header: ArchiveHeader
  /** Tells this archive from every other. */
  readonly commitment: Buffer
  /** Opens the wraps of the archive's data keys. */
  readonly wrapping: KeyWrapping
  /** The next entry without taking it; undefined at the end. */
  peek(): Promise<Entry | undefined>
  /** Takes entries of one kind, as long as they follow each other. */
  take<K extends EntryKind>(kind: K, limit: number): Promise<readonly Extract<Entry, { readonly kind: K }>[]>
  /** What the archive says at its end. Only after `peek` has given undefined. */
  end(): ArchiveEnd
}

const keyLimits = Object.freeze({ unwraps: 20, callMs: 10_000 })

/**
 * Opens an archive, runs the work on it, and closes its source. Throws `VAULT_ENVELOPE_INVALID` for bytes that are no
 * archive, `VAULT_KEY_UNKNOWN` and `VAULT_KEY_MISMATCH` for the wrong key, and `VAULT_OPEN_FAILED` for an archive that was
 * altered or cut off, as soon as that shows: what was read before is what was written.
 */
export async function withArchive<T>(options: OpenOptions, work: (archive: OpenArchive) => Promise<T>): Promise<T> {
  const raw = await openSource(options.from, { clock: options.clock, signal: options.call.signal })
  try {
    const { header, bytes } = await readHeader(raw)
    const wrapping = wrappingFor(options, header)
    const key = await openKey(wrapping, header)
    const { frameKey, commitment } = archiveKeys(key, bytes)
    const stored = await raw.take(commitmentBytes)
    if (stored.length !== commitmentBytes || !timingSafeEqual(stored, commitment)) throw notWhole()
    if (options.id !== undefined && options.id !== header.id) throw otherArchive()
    const content = byteReader(openFrames(frameKey, raw))
    return await work({ header, commitment, wrapping, ...entryCursor(content) })
  } finally {
    await raw.end()
  }
}

function otherArchive(): VaultError {
  const detail = 'The source gave another archive than the one of this id.'
  return new VaultError('VAULT_CONFLICT', { field: 'id', detail, retryable: false })
}

/** The header of an archive, before anything of it is proven. */
export async function readHeader(raw: ByteReader): Promise<{ readonly header: ArchiveHeader; readonly bytes: Buffer }> {
  const preamble = await raw.take(preambleBytes)
  const rest = await raw.take(parsePreamble(preamble))
  const bytes = Buffer.concat([preamble, rest])
  return { header: parseHeader(bytes), bytes }
}

function wrappingFor({ keys, clock }: OpenOptions, { vaultId, fingerprints }: ArchiveHeader): KeyWrapping {
  const explain = async (keyId: string, error: unknown): Promise<unknown> => {
    if (!isVaultError(error, 'VAULT_OPEN_FAILED')) return error
    const own = (await keys.fingerprints?.())?.get(keyId)
    const expected = fingerprints.get(keyId)
    const isOther = own !== undefined && expected !== undefined && !sameBytes(own, expected)
    return isOther ? new VaultError('VAULT_KEY_MISMATCH', { keyId }) : error
  }
  return createKeyWrapping({ provider: keys, vaultId, clock, limits: keyLimits, fingerprints: { explain } })
}

async function openKey(wrapping: KeyWrapping, { id, wraps }: ArchiveHeader) {
  const { key } = await wrapping.unwrapRow({ id, wraps, scope: { kind: 'archive', owner: '', server: '' } })
  return key
}

function entryCursor(content: ByteReader): Pick<OpenArchive, 'peek' | 'take' | 'end'> {
  const counts = noEntries()
  const digest = createHash('sha256')
  let ahead: Entry | undefined
  let end: ArchiveEnd | undefined

  async function read(): Promise<Entry | undefined> {
    const length = await exactly(content, lengthBytes)
    const size = length.readUInt32BE(0)
    if (size > maxEntryBytes || size < 1) throw malformed()
    const body = await exactly(content, size)
    const entry = decodeEntry(body)
    if (entry.kind !== 'end') {
      digest.update(length).update(body)
      counts[entry.kind] += 1
      return entry
    }
    if ((await content.take(1)).length > 0 || !sameBytes(entry.digest, digest.digest())) throw malformed()
    if (Object.entries(counts).some(([kind, count]) => Reflect.get(entry.entries, kind) !== count)) throw malformed()
    end = entry
    return undefined
  }

  const peek = async (): Promise<Entry | undefined> => {
    if (end === undefined) ahead ??= await read()
    return ahead
  }
  return {
    peek,
    async take(kind, limit) {
      const taken: Extract<Entry, { readonly kind: typeof kind }>[] = []
      while (taken.length < limit) {
        const entry = await peek()
        if (entry === undefined || !isOf(entry, kind)) break
        taken.push(entry)
        ahead = undefined
      }
      return taken
    },
    end() {
      if (end === undefined) throw malformed()
      return end
    },
  }
}

async function exactly(content: ByteReader, length: number): Promise<Buffer> {
  const bytes = await content.take(length)
  if (bytes.length < length) throw malformed()
  return bytes
}

function isOf<K extends EntryKind>(entry: Entry, kind: K): entry is Extract<Entry, { readonly kind: K }> {
  return entry.kind === kind
}
