// Opens the audit trail and puts its parts together: the outlet, the streams of writes, the buffer and the checkpoints.
import { randomBytes } from 'node:crypto'
import type { AuditEvent, Awaitable } from '../../contracts/index.ts'
import { VaultError } from '../../errors/index.ts'
import { callSafely, isPromiseLike, withDeadline } from '../../time/index.ts'
import { checkpointer } from '../checkpoint/checkpointer.ts'
import { type Chain, startChain } from '../log/chain.ts'
import { streamIdBytes } from '../log/mac.ts'
import { checkRows, sealKey } from '../log/seal.ts'
import { eventBuffer } from './buffer.ts'
import {
  type AuditTrail,
  type AuditTrailOptions,
  defaultAuditLimits,
  type RaiseAlarm,
  type RecordedWrite,
} from './options.ts'
import { openOutlet } from './outlet.ts'
import { writeStreams } from './write-streams.ts'

/**
 * Opens the audit trail of one process. Nothing is written before the first event.
 *
 * @throws VaultError `VAULT_CONFIG_INVALID` when there is no sink, or in required mode no durable one.
 */
export function openAuditTrail(options: AuditTrailOptions): AuditTrail {
  const { root, vaultId, store, mode, clock, sinks = [], onAlarm } = options
  const limits = { ...defaultAuditLimits, ...options.limits }
  const random = options.randomBytes ?? randomBytes
  const seal = sealKey({ root, vaultId })
  const open = new Set<string>()
  const start = (): Chain => {
    const chain = startChain({ root, vaultId, seal, stream: random(streamIdBytes) })
    open.add(chain.stream)
    return {
      ...chain,
      end() {
        open.delete(chain.stream)
        chain.end()
      },
    }
  }
  // A faulty handler must not stop the trail that it watches.
  const raise: RaiseAlarm = (alarm) => callSafely(() => onAlarm?.(alarm))

  const checkpoints = checkpointer({ ...options, seed: options.checkpointSeed, limits, store: store?.audit, raise })
  const outlet = openOutlet({
    trail: options,
    limits,
    raise,
    start,
    onAccepted(rows) {
      checkpoints.advance(rows)
      buffer.recordDropped()
    },
  })
  const buffer = eventBuffer({ outlet, limits, raise, now: clock.now })
  const streams =
    mode === 'required' && store?.supports.transactions
      ? writeStreams({
          start,
          maxStreams: store.supports.writers,
          clock,
          waitMs: limits.sinkTimeoutMs,
          onStored(rows) {
            checkpoints.advance(rows)
            outlet.sendToOthers(rows)
          },
        })
      : undefined
  const writes = new Set<Promise<unknown>>()
  let isShut = false
  let closing: Promise<void> | undefined

  const submit = async (events: readonly AuditEvent[], signal?: AbortSignal): Promise<void> => {
    if (isShut) throw new VaultError('VAULT_CLOSED')
    const at = clock.now()
    const stamped = events.map((event) => ({ event, at }))
    if (mode === 'buffered') return buffer.add(stamped)
    if (outlet.hasRoomFor(events.length)) return await outlet.append(stamped, signal)
    throw new VaultError('VAULT_AUDIT_FAILED', { detail: 'Too many events wait to be written.' })
  }

  /** Without a transaction that takes the event too. */
  const recordAround = async <T>({ event, commit, applied, signal }: RecordedWrite<T>): Promise<T> => {
    if (mode === 'required') await submit([{ ...event, outcome: 'intent' }], signal)
    const committing = commit(undefined)
    const result = isPromiseLike(committing) ? await committing : committing
    // Not under the signal: the write took place, and its event has to follow.
    if (applied(result)) await submit([event])
    return result
  }

  const flush = (): Promise<void> => {
    buffer.chainNow()
    return outlet.flush()
  }

  const refuseWhenClosed = (): void => {
    if (closing !== undefined) throw new VaultError('VAULT_CLOSED')
  }

  /** Waits for a step of the close no longer than its limit. Returns what went wrong. */
  const bounded = async (work: () => Awaitable<unknown>): Promise<unknown> => {
    const timeoutError = (): Error => new VaultError('VAULT_AUDIT_FAILED', { detail: 'The close took too long.' })
    try {
      await withDeadline({ clock, limitMs: 2 * limits.sinkTimeoutMs, timeoutError }, work)
      return undefined
    } catch (error) {
      return error
    }
  }

  const shut = async (): Promise<void> => {
    await bounded(() => Promise.allSettled(writes))
    buffer.chainNow()
    buffer.recordDropped()
    isShut = true
    outlet.close(streams?.close() ?? [])
    const failure = await bounded(outlet.flush)
    outlet.wipe()
    // A checkpoint that fails raises its alarm.
    await bounded(checkpoints.checkpoint)
    checkpoints.stop()
    outlet.stop()
    for (const sink of sinks) {
      const cause = await bounded(() => sink.close?.())
      if (cause !== undefined) raise({ kind: 'sink-failed', sink: sink.id, cause })
    }
    if (failure !== undefined) throw failure
  }

  return {
    async record(events, call = {}) {
      refuseWhenClosed()
      const list = 'action' in events ? [events] : events
      if (list.length > 0) await submit(list, call.signal)
    },
    async recordWith(write) {
      refuseWhenClosed()
      const writing = streams === undefined ? recordAround(write) : streams.commit(write)
      writes.add(writing)
      try {
        return await writing
      } finally {
        writes.delete(writing)
      }
    },
    flush,
    settle(call = {}) {
      buffer.chainNow()
      return outlet.settle(call.signal)
    },
    checkpoint: checkpoints.checkpoint,
    close() {
      closing ??= shut()
      return closing
    },
    publicKey: () => checkpoints.publicKey,
    isWriting: (stream) => open.has(stream),
    check: (rows) => checkRows({ root, vaultId, seal }, rows),
  }
}
