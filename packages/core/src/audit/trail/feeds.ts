// The feeds of a trail: one for the store, one for each further sink.

import type { AuditRow, AuditSink, AuditStore } from '../../contracts/index.ts'
import { VaultError } from '../../errors/index.ts'
import { isPromiseLike } from '../../time/index.ts'
import type { RaiseAlarm } from './alarm.ts'
import { type Entry, type Feed, type FeedTarget, sinkFeed } from './feed.ts'
import type { AuditLimits } from './limits.ts'
import type { AuditTrailOptions } from './options.ts'

export interface FeedsOptions {
  readonly trail: AuditTrailOptions
  readonly limits: AuditLimits
  readonly raise: RaiseAlarm
  /** Rows that the leading feed has. */
  readonly onAccepted: (rows: readonly AuditRow[]) => void
  readonly onForked: (entries: readonly Entry[]) => void
}

export interface Feeds {
  readonly all: readonly Feed[]
  /** Those whose acceptance counts: the durable ones, or all when a buffered trail has none. */
  readonly counting: readonly Feed[]
  /** The feed of the store, when there is one. */
  readonly ofStore: Feed | undefined
}

/** Makes the feeds; the first that counts leads, and checkpoints speak of its rows. */
export function openFeeds(options: FeedsOptions): Feeds {
  const { trail, limits, raise, onAccepted, onForked } = options
  const { store, sinks = [], mode, clock } = trail
  const targets = sinks.map(sinkTarget)
  if (store !== undefined) targets.unshift(storeTarget(store))
  const durable = targets.filter((target) => target.durable)
  if (targets.length === 0) throw configError('An audit trail needs a store or a sink.')
  if (durable.length === 0 && mode === 'required') throw configError('Required events need a durable sink.')
  const counting = durable.length > 0 ? durable : targets
  const batchDelayMs = mode === 'required' ? 0 : limits.batchDelayMs
  const all = targets.map((target) =>
    sinkFeed({
      target,
      clock,
      limits,
      batchDelayMs,
      raise,
      onForked,
      onAccepted: target === counting[0] ? onAccepted : () => undefined,
    }),
  )
  return {
    all,
    counting: all.filter((_, index) => targets[index] !== undefined && counting.includes(targets[index])),
    ofStore: store === undefined ? undefined : all[0],
  }
}

function storeTarget({ id, audit }: { readonly id: string; readonly audit: AuditStore }): FeedTarget {
  return { id, durable: true, write: (rows, call) => audit.append(rows, call) }
}

function sinkTarget(sink: AuditSink): FeedTarget {
  return {
    id: sink.id,
    durable: sink.durable,
    write(rows, call) {
      const written = sink.write(rows, call)
      return isPromiseLike(written) ? written.then(() => 'stored' as const) : 'stored'
    },
  }
}

function configError(detail: string): VaultError {
  return new VaultError('VAULT_CONFIG_INVALID', { field: 'audit', detail })
}
