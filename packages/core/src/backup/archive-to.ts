// Writes an archive: header, commitment, and every row of the store in encrypted frames, to one sink or several.
import { requireInteger, requireObject } from '../bytes/index.ts'
import type { ArchiveWriter, BackupReport, BackupSource } from '../contracts/index.ts'
import { VaultError } from '../errors/index.ts'
import { entryWriter } from './entry-writer.ts'
import { frameWriter } from './frames.ts'
import { archiveKeys, encodeHeader } from './header.ts'
import { type ArchiveSink, type OpenSinks, openSinks, type SinkOptions } from './sinks.ts'
import { walkStore } from './walk-store.ts'

const defaultSinkTimeoutMs = 60_000
const maxSinks = 16

/** A sink, or a stream of the Web, which is one too. */
export type SinkLike = ArchiveSink | WritableStream<Uint8Array>

/**
 * What `backup` writes to: one sink, or several at once. A sink that fails is aborted, and does not stop the others; the
 * report of `backup` names it. A sink gets more only after it has taken what came before, and all wait for the slowest.
 *
 * Throws TypeError for what is no sink, and `VAULT_CONFIG_INVALID` for an option that makes no sense.
 *
 * @example
 * await vault.operator(olga).backup({ to: archiveTo([fileSink('monday.mcvault'), upload]) })
 */
export function archiveTo(sinks: SinkLike | readonly SinkLike[], options: SinkOptions = {}): ArchiveWriter {
  const given = isList(sinks) ? [...sinks] : [sinks]
  if (given.length === 0 || given.length > maxSinks) throw new TypeError('sinks must be 1 to 16 sinks')
  given.forEach(requireSink)
  if (new Set(given).size < given.length) throw new TypeError('sinks must be different: each takes the bytes once')
  requireObject(options, 'options')
  const { sinkTimeoutMs = defaultSinkTimeoutMs, ...others } = options
  requireInteger(sinkTimeoutMs, 'sinkTimeoutMs')
  if (sinkTimeoutMs < 1 || Object.keys(others).length > 0)
    throw new VaultError('VAULT_CONFIG_INVALID', {
      field: 'sinkTimeoutMs',
      detail: 'must be positive, and the only option.',
    })
  return async (source) => {
    const { clock, call } = source
    const open = openSinks({ sinks: given.map(toSink), clock, signal: call.signal, sinkTimeoutMs })
    try {
      return await writeArchive(source, open)
    } catch (error) {
      await open.abort(error)
      // An archive that nobody has would need its master keys until it is pruned.
      if (open.haveNothing()) await source.forget(source.archive.id).catch(() => undefined)
      throw error
    }
  }
}

async function writeArchive(source: BackupSource, sinks: OpenSinks): Promise<BackupReport> {
  const { archive, vaultId } = source
  const { id, createdAt } = archive
  const header = encodeHeader({ ...archive, vaultId })
  const { frameKey, commitment } = archiveKeys(archive.key, header)
  const frames = frameWriter(frameKey, (frame) => sinks.write(frame))
  await sinks.write(Buffer.concat([header, commitment]))
  const entries = entryWriter(frames)
  const { counts, keyIds, unreadable, unreadableCount } = await walkStore(source, entries)
  // Before the last frame: an archive that is whole is always known.
  await source.remember({ id, createdAt, keyIds })
  await entries.end(keyIds)
  await frames.end()
  await sinks.close()
  return {
    id,
    createdAt,
    keyIds,
    ...counts,
    bytes: sinks.size(),
    unreadable,
    unreadableCount,
    failedSinks: sinks.failed(),
  }
}

function isList(sinks: SinkLike | readonly SinkLike[]): sinks is readonly SinkLike[] {
  return Array.isArray(sinks)
}

function requireSink(sink: unknown): void {
  requireObject(sink, 'sink')
  const isStream = typeof sink['getWriter'] === 'function'
  if (isStream || (typeof sink['write'] === 'function' && typeof sink['close'] === 'function')) return
  throw new TypeError('sink must have the functions write and close, or be a WritableStream')
}

/**
 * Opened only now, since the lock of a stream belongs to the backup under way. A stream that has failed tells nobody that
 * it is aborted, so none of them says that it has kept nothing.
 */
function toSink(sink: SinkLike): ArchiveSink {
  if (!('getWriter' in sink)) return sink
  const writer = sink.getWriter()
  return {
    write: (bytes) => writer.write(bytes),
    close: () => writer.close(),
    async abort(reason) {
      await writer.abort(reason)
      throw reason
    },
  }
}
