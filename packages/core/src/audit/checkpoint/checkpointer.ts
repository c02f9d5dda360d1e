// When checkpoints are made, and what they state: the own heads, and those of every stream lately seen in the store.

import type { AuditRow, AuditStore, Awaitable, CallOptions, Checkpoint } from '../../contracts/index.ts'
import { VaultError } from '../../errors/index.ts'
import { type Clock, withDeadline } from '../../time/index.ts'
import type { RaiseAlarm } from '../trail/alarm.ts'
import type { AuditLimits } from '../trail/limits.ts'
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
  /** The last durable row of each own stream of the last 24 hours. */
  heads(): readonly StreamHead[]
  /** Signs now. Undefined when nothing is new since the last checkpoint. */
  checkpoint(): Promise<Checkpoint | undefined>
  /** Ends the timer. */
  stop(): void
}

const activeMs = 24 * 60 * 60 * 1_000
const pageStreams = 200
const mostForeignStreams = 1_000

/** Makes checkpoints by count and by time, one at a time. */
export function checkpointer(options: CheckpointerOptions): Checkpointer {
  const { clock, limits, store, onCheckpoint, raise } = options
  const signer = noteSigner(options)
  const own = new Map<string, StreamHead & { readonly at: Date }>()
  let foreign = new Map<string, StreamHead>()
  let firstForeign: string | undefined
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
      if (unsigned > 0) book()
    })
    return current
  }

  const make = async (): Promise<Checkpoint | undefined> => {
    cancelTimer?.()
    cancelTimer = undefined
    if (unsigned === 0) return undefined
    const covered = unsigned
    try {
      const since = new Date(clock.now().getTime() - activeMs)
      for (const [stream, { at }] of own) if (at < since) own.delete(stream)
      if (store !== undefined) foreign = await foreignHeads(store, since)
      const heads = [...own.values(), ...foreign.values()]
      const made = signer.sign({ createdAt: clock.now(), heads })
      if (store !== undefined) await within((call) => store.putCheckpoint(made, call))
      if (onCheckpoint !== undefined) await within(() => onCheckpoint(made))
      unsigned -= covered
      hasFailed = false
      return made
    } catch (cause) {
      hasFailed = true
      raise({ kind: 'checkpoint-failed', cause })
      throw new VaultError('VAULT_AUDIT_FAILED', { detail: 'No checkpoint could be kept.', cause })
    }
  }

  const foreignHeads = async (from: AuditStore, activeSince: Date): Promise<Map<string, StreamHead>> => {
    const heads = new Map<string, StreamHead>()
    // With more streams than fit into one note, the next note goes on where this one ends.
    let after = firstForeign
    firstForeign = undefined
    for (;;) {
      const page = { limit: pageStreams, activeSince, ...(after !== undefined && { after }) }
      const infos = await within((call) => from.streams({ ...call, ...page }))
      for (const { stream, lastSequence } of infos) {
        if (own.has(stream)) continue
        const head = await headOf(from, { stream, sequence: lastSequence })
        if (head !== undefined) heads.set(stream, head)
      }
      after = infos.at(-1)?.stream
      if (infos.length < pageStreams) return heads
      if (heads.size >= mostForeignStreams) {
        firstForeign = after
        return heads
      }
    }
  }

  const headOf = async (
    from: AuditStore,
    { stream, sequence }: { readonly stream: string; readonly sequence: number },
  ): Promise<StreamHead | undefined> => {
    const known = foreign.get(stream)
    if (known?.sequence === sequence) return known
    const place = { limit: 1, afterSequence: sequence - 1 }
    const [row] = await within((call) => from.readStream(stream, { ...call, ...place }))
    return row === undefined ? undefined : { stream, sequence: row.sequence, mac: row.mac }
  }

  const within = async <T>(work: (call: CallOptions) => Awaitable<T>): Promise<T> => {
    const timeoutError = (): Error => new VaultError('VAULT_AUDIT_FAILED', { detail: 'A checkpoint took too long.' })
    return withDeadline({ clock, limitMs: limits.sinkTimeoutMs, timeoutError }, work)
  }

  const inBackground = (): void => {
    makeOnce().catch(() => {
      // The alarm has been raised, and the timer tries again.
    })
  }

  const book = (): void => {
    if (!isStopped) cancelTimer ??= clock.schedule(inBackground, limits.checkpointMs)
  }

  return {
    publicKey: signer.publicKey,
    advance(rows) {
      const at = clock.now()
      for (const { stream, sequence, mac } of rows) own.set(stream, { stream, sequence, mac, at })
      unsigned += rows.length
      book()
      if (unsigned >= limits.checkpointEvents && !hasFailed && !isStopped) inBackground()
    },
    heads: () => [...own.values()].map(({ stream, sequence, mac }) => ({ stream, sequence, mac })),
    checkpoint,
    stop() {
      isStopped = true
      cancelTimer?.()
    },
  }
}
