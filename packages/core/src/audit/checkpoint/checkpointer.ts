// When checkpoints are made, and what they state: the own heads, and those of other processes as the store shows them.

import type { AuditRow, AuditStore, Awaitable, CallOptions, Checkpoint } from '../../contracts/index.ts'
import { VaultError } from '../../errors/index.ts'
import { type Clock, withDeadline } from '../../time/index.ts'
import type { AuditLimits, RaiseAlarm } from '../trail/options.ts'
import { type ForeignHead, foreignHeads } from './foreign-heads.ts'
import { noteSigner, type StreamHead } from './note.ts'

export interface CheckpointerOptions {
  readonly seed: Uint8Array
  readonly vaultId: Uint8Array
  readonly clock: Clock
  readonly limits: AuditLimits
  /** Where checkpoints are kept and other streams are seen. */
  readonly store?: AuditStore | undefined
  readonly onCheckpoint?: ((checkpoint: Checkpoint) => Awaitable<void>) | undefined
  readonly raise: RaiseAlarm
}

export interface Checkpointer {
  /** The raw Ed25519 public key, base64url. */
  readonly publicKey: string
  /** Takes note of rows that are durable. */
  advance(rows: readonly AuditRow[]): void
  /** Signs now. Undefined when nothing is new since the last checkpoint. */
  checkpoint(): Promise<Checkpoint | undefined>
  /** Ends the timer. */
  stop(): void
}

const activeMs = 24 * 60 * 60 * 1_000
/** More own streams than writes can use. After many failed writes there may be more; then the latest are stated. */
const maxOwnHeads = 200

/** Makes checkpoints by count and by time, one at a time. */
export function checkpointer(options: CheckpointerOptions): Checkpointer {
  const { clock, limits, store, onCheckpoint, raise } = options
  const signer = noteSigner(options)
  const foreign = foreignHeads()
  // In the order of their last row.
  const own = new Map<string, StreamHead & { readonly at: Date }>()
  let unsigned = 0
  let hasFailed = false
  let isStopped = false
  let current: Promise<Checkpoint | undefined> | undefined
  let cancelTimer: (() => void) | undefined

  const checkpoint = async (): Promise<Checkpoint | undefined> => {
    const underWay = await current
    return (await makeOnce()) ?? underWay
  }

  const makeOnce = (): Promise<Checkpoint | undefined> => {
    current ??= make().finally(() => {
      current = undefined
      if (unsigned > 0) scheduleNext()
    })
    return current
  }

  const make = async (): Promise<Checkpoint | undefined> => {
    cancelTimer?.()
    cancelTimer = undefined
    if (unsigned === 0) return undefined
    const covered = unsigned
    try {
      const activeSince = new Date(clock.now().getTime() - activeMs)
      for (const [stream, { at }] of own) if (at < activeSince) own.delete(stream)
      const seen = store === undefined ? [] : await readForeign(store, activeSince)
      const heads = [...[...own.values()].slice(-maxOwnHeads), ...seen]
      const made = signer.sign({ createdAt: clock.now(), heads })
      if (store !== undefined) await within((call) => store.putCheckpoint(made, call))
      if (onCheckpoint !== undefined) await within(() => onCheckpoint(made))
      foreign.stated(seen)
      unsigned -= covered
      hasFailed = false
      return made
    } catch (cause) {
      hasFailed = true
      raise({ kind: 'checkpoint-failed', cause })
      throw new VaultError('VAULT_AUDIT_FAILED', { detail: 'No checkpoint could be kept.', cause })
    }
  }

  const readForeign = async (from: AuditStore, activeSince: Date): Promise<readonly ForeignHead[]> => {
    const page = await within((call) => from.streams({ ...call, ...foreign.page(), activeSince }))
    return foreign.choose(page, (stream) => own.has(stream))
  }

  const within = async <T>(work: (call: CallOptions) => Awaitable<T>): Promise<T> => {
    const timeoutError = (): Error => new VaultError('VAULT_AUDIT_FAILED', { detail: 'A checkpoint took too long.' })
    return withDeadline({ clock, limitMs: limits.sinkTimeoutMs, timeoutError }, work)
  }

  const inBackground = (): void => {
    makeOnce().catch(() => {
      // The alarm is raised, and the timer tries again.
    })
  }

  const scheduleNext = (): void => {
    if (!isStopped) cancelTimer ??= clock.schedule(inBackground, limits.checkpointMs)
  }

  return {
    publicKey: signer.publicKey,
    advance(rows) {
      const at = clock.now()
      for (const { stream, sequence, mac } of rows) {
        own.delete(stream)
        own.set(stream, { stream, sequence, mac, at })
      }
      unsigned += rows.length
      scheduleNext()
      if (unsigned >= limits.checkpointEvents && !hasFailed && !isStopped) inBackground()
    },
    checkpoint,
    stop() {
      isStopped = true
      cancelTimer?.()
    },
  }
}
