// A sink that calls a function when one principal, secret or server has unusually many events in a short time.
import { type AuditEvent, type AuditRow, type AuditSink, type Awaitable, ownOptions } from '../../contracts/index.ts'
import { VaultError } from '../../errors/index.ts'
import { decodeRow } from '../log/columns.ts'

/** More than `max` events of one principal, secret or server within the time. */
export interface Burst {
  readonly by: 'principal' | 'secret' | 'server'
  readonly of: 'reads' | 'denied'
  /** The event that was one too many. */
  readonly event: AuditEvent
  /** How many events there were within the time, this one included. */
  readonly count: number
  readonly firstAt: Date
  readonly lastAt: Date
}

export interface BurstAlarmOptions {
  /** Called once in a burst, and again at the earliest after `withinMs`. What it throws is a failure of the sink. */
  readonly onBurst: (burst: Burst) => Awaitable<void>
  /** As many events are usual: 1 to 1,000. */
  readonly max: number
  /** The time that they are counted in, in ms: 1 to 86,400,000 (a day). */
  readonly withinMs: number
  /** Whose events are counted together. Default `principal`. */
  readonly by?: Burst['by']
  /** `reads`: values that were read. `denied`: calls that were refused. Default `reads`. */
  readonly of?: Burst['of']
  /** Names the sink in alarms. Default `burst-alarm`. */
  readonly id?: string
}

/** So many principals, secrets or servers are counted at a time; beyond that, those that were quiet for longest are left out. */
const maxCounted = 10_000
const maxStreams = 1_000

/**
 * Reports unusual access as it happens. The time is that of the events, from the vault's clock. Each process counts
 * its own events. Throws `VAULT_CONFIG_INVALID` for a bad option.
 *
 * @example
 * const watch = burstAlarm({ max: 100, withinMs: 60_000, onBurst: ({ event }) => console.warn(event.principal) })
 * const watched = createVault({ keys, store: memoryStore(), audit: { sinks: [watch] } })
 */
export function burstAlarm(options: BurstAlarmOptions): AuditSink {
  const { onBurst, max, withinMs, by, of, id } = parse(options)
  const counted = new Map<string, Recent>()
  const lastSequences = new Map<string, number>()

  /** False for rows that come again after a failure. */
  const isNew = ({ stream, sequence }: AuditRow): boolean => {
    if (sequence <= (lastSequences.get(stream) ?? -1)) return false
    touch(lastSequences, { key: stream, value: sequence, limit: maxStreams })
    return true
  }

  return {
    id,
    durable: false,
    async write(rows) {
      for (const row of rows) {
        if (!isNew(row)) continue
        const { event, at } = decodeRow(row)
        const key = isCounted(event, of) ? keyOf(event, by) : undefined
        if (key === undefined) continue
        const recent = counted.get(key) ?? { times: [], calledMs: undefined }
        touch(counted, { key, value: recent, limit: maxCounted })
        const nowMs = at.getTime()
        recent.times = [...recent.times.filter((ms) => ms > nowMs - withinMs), nowMs].slice(-max - 1)
        if (recent.times.length <= max) continue
        if (recent.calledMs !== undefined && nowMs - recent.calledMs < withinMs) continue
        recent.calledMs = nowMs
        const firstAt = new Date(Math.min(...recent.times))
        await onBurst(Object.freeze({ by, of, event, count: recent.times.length, firstAt, lastAt: at }))
      }
    },
  }
}

interface Recent {
  times: number[]
  calledMs: number | undefined
}

/** Sets a value as the newest of the map, and drops what was set longest ago beyond the limit. */
function touch<V>(
  map: Map<string, V>,
  { key, value, limit }: { readonly key: string; readonly value: V; readonly limit: number },
): void {
  map.delete(key)
  map.set(key, value)
  const [oldest] = map.keys()
  if (map.size > limit && oldest !== undefined) map.delete(oldest)
}

function isCounted({ action, outcome, name }: AuditEvent, of: Burst['of']): boolean {
  if (of === 'denied') return outcome === 'denied'
  return action === 'secret.accessed' && outcome === 'allowed' && name !== undefined
}

/** Names hold no control characters, so a line break keeps the parts apart. */
function keyOf({ principal, owner, server, name }: AuditEvent, by: Burst['by']): string | undefined {
  if (by === 'principal') return principal
  if (by === 'server') return server
  return owner === undefined || server === undefined || name === undefined
    ? undefined
    : [owner, server, name].join('\n')
}

function parse(options: BurstAlarmOptions): Required<BurstAlarmOptions> {
  const { onBurst, max, withinMs, by = 'principal', of = 'reads', id = 'burst-alarm' } = ownOptions(options)
  if (typeof onBurst !== 'function') throw invalid('onBurst', 'must be a function.')
  if (!isWithin(max, 1_000)) throw invalid('max', 'must be an integer from 1 to 1,000.')
  if (!isWithin(withinMs, 86_400_000)) throw invalid('withinMs', 'must be an integer from 1 to 86,400,000.')
  if (!['principal', 'secret', 'server'].includes(by)) throw invalid('by', 'must be principal, secret or server.')
  if (!['reads', 'denied'].includes(of)) throw invalid('of', 'must be reads or denied.')
  return { onBurst, max, withinMs, by, of, id }
}

function isWithin(value: number, max: number): boolean {
  return Number.isSafeInteger(value) && value >= 1 && value <= max
}

function invalid(field: string, detail: string): VaultError {
  return new VaultError('VAULT_CONFIG_INVALID', { field: `burstAlarm.${field}`, detail })
}
