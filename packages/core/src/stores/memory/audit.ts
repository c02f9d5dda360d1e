// The audit rows of the memory store: streams by sequence, one list over all by time, and checkpoints.
import { compareUtf8, sameBytes } from '../../bytes/index.ts'
import {
  type AuditCursor,
  type AuditFilter,
  type AuditPlace,
  type AuditRow,
  type AuditStore,
  type AuditStreamInfo,
  type Checkpoint,
  matchesAuditFilter,
} from '../../contracts/index.ts'
import { copyAuditRow, copyBytes, copyCheckpoint, copyDate } from './copy.ts'
import { compareCreated, take } from './order.ts'
import { sortedIndex } from './sorted-index.ts'

interface Entry extends AuditCursor {
  readonly row: AuditRow
}

interface Stream {
  readonly entries: Map<number, Entry>
  firstAt: Date
  lastAt: Date
  lastSequence: number
}

/** An audit store that answers at once. */
interface MemoryAudit extends AuditStore {
  append(rows: readonly AuditRow[]): 'stored' | 'forked'
}

export function memoryAudit(): MemoryAudit {
  const streams = new Map<string, Stream>()
  const streamNames = sortedIndex<string>(compareUtf8)
  const byTime = sortedIndex<AuditCursor, Entry>(compareEntries)
  const bySequence = sortedIndex<{ readonly sequence: number }, Entry>((a, b) => a.sequence - b.sequence)
  const checkpoints = sortedIndex<Pick<Checkpoint, 'createdAt' | 'id'>, Checkpoint>(compareCreated)

  const keep = (row: AuditRow): void => {
    const { stream: name, sequence } = row
    const { at } = row.columns
    const entry = { at, stream: name, sequence, row }
    const stream = streams.get(name)
    if (stream === undefined) {
      streams.set(name, { entries: new Map([[sequence, entry]]), firstAt: at, lastAt: at, lastSequence: sequence })
      streamNames.set('*', name)
    } else {
      stream.entries.set(sequence, entry)
      if (at < stream.firstAt) stream.firstAt = at
      if (at > stream.lastAt) stream.lastAt = at
      stream.lastSequence = Math.max(stream.lastSequence, sequence)
    }
    byTime.set('*', entry)
    bySequence.set(name, entry)
  }

  function* rowsFrom(from: AuditPlace | undefined): Iterable<Entry> {
    if (from !== undefined) yield* bySequence.ascending(from.stream, { sequence: from.sequence - 1 })
    for (const stream of streamNames.ascending('*', from?.stream)) yield* bySequence.ascending(stream)
  }

  return {
    append(rows) {
      const fresh = new Map<string, AuditRow>()
      for (const row of rows) {
        const key = `${row.stream}\0${row.sequence}`
        const known = streams.get(row.stream)?.entries.get(row.sequence)?.row ?? fresh.get(key)
        if (known === undefined) fresh.set(key, row)
        else if (!sameBytes(known.mac, row.mac)) return 'forked'
      }
      for (const row of fresh.values()) keep(copyAuditRow(row))
      return 'stored'
    },
    query(filter, { limit, after }) {
      return take(byTime.descending('*', after ?? newestOf(filter)), {
        limit,
        isPast: ({ at }) => filter.from !== undefined && at < filter.from,
        test: ({ row }) => matchesAuditFilter(row, filter),
        map: ({ row }) => copyAuditRow(row),
      })
    },
    readStream(stream, { limit, afterSequence }) {
      const entries = bySequence.ascending(stream, { sequence: afterSequence })
      return take(entries, { limit, map: ({ row }) => copyAuditRow(row) })
    },
    readAll({ limit, from }) {
      return take(rowsFrom(from), { limit, map: ({ row }) => copyAuditRow(row) })
    },
    streams({ limit, after, activeSince }) {
      const infos = infosOf(streams, streamNames.ascending('*', after))
      return take(infos, {
        limit,
        test: ({ lastAt }) => activeSince === undefined || lastAt >= activeSince,
        map: (info) => info,
      })
    },
    redact(row) {
      const entry = streams.get(row.stream)?.entries.get(row.sequence)
      if (entry === undefined || !sameBytes(entry.row.mac, row.mac)) return false
      byTime.delete('*', entry)
      keep(copyAuditRow(row))
      return true
    },
    putCheckpoint(checkpoint) {
      checkpoints.set('*', copyCheckpoint(checkpoint))
    },
    checkpoints({ limit, after }) {
      return take(checkpoints.ascending('*', after), { limit, map: copyCheckpoint })
    },
  }
}

function compareEntries(a: AuditCursor, b: AuditCursor): number {
  return a.at.getTime() - b.at.getTime() || compareUtf8(a.stream, b.stream) || a.sequence - b.sequence
}

/** Where the walk may begin: no stream id comes before the empty one, so this is before every row at `to`. */
function newestOf({ to }: AuditFilter): AuditCursor | undefined {
  return to === undefined ? undefined : { at: to, stream: '', sequence: 0 }
}

function* infosOf(streams: ReadonlyMap<string, Stream>, names: Iterable<string>): Iterable<AuditStreamInfo> {
  for (const stream of names) {
    const info = streams.get(stream)
    if (info === undefined) continue
    const { firstAt, lastAt, lastSequence, entries } = info
    const last = entries.get(lastSequence)
    if (last === undefined) continue
    yield {
      stream,
      firstAt: copyDate(firstAt),
      lastAt: copyDate(lastAt),
      lastSequence,
      lastMac: copyBytes(last.row.mac),
      isClosed: last.row.columns.action === 'audit.closed',
    }
  }
}
