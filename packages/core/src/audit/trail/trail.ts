// Opens the audit trail and ties its parts together: streams, lanes, feeds and checkpoints.
import { randomBytes } from 'node:crypto'
import type { AuditEvent, Awaitable } from '../../contracts/index.ts'
import { VaultError } from '../../errors/index.ts'
import { isPromiseLike, withDeadline } from '../../time/index.ts'
import { checkpointer } from '../checkpoint/checkpointer.ts'
import { type Chain, startChain } from '../log/chain.ts'
import { streamIdBytes } from '../log/mac.ts'
import { guardedAlarm } from './alarm.ts'
import { chainBehind } from './behind.ts'
import { openFeeds } from './feeds.ts'
import { callGate } from './gate.ts'
import { writeThroughLane } from './lane-write.ts'
import { writeLanes } from './lanes.ts'
import { defaultAuditLimits } from './limits.ts'
import type { AuditTrail, AuditTrailOptions, RecordedWrite } from './options.ts'
import { auditOutlet } from './outlet.ts'
import { waitForAny } from './ticket.ts'

/**
 * Opens the audit trail of one process. Nothing is written before the first event.
 *
 * @throws VaultError `VAULT_CONFIG_INVALID` when there is no sink, or in required mode no durable one.
 */
export function openAuditTrail(options: AuditTrailOptions): AuditTrail {
  const { root, vaultId, store, mode, clock, sinks = [] } = options
  const limits = { ...defaultAuditLimits, ...options.limits }
  const raise = guardedAlarm(options.onAlarm)
  const random = options.randomBytes ?? randomBytes
  const start = (): Chain => startChain({ root, vaultId, stream: random(streamIdBytes) })

  const checkpoints = checkpointer({ ...options, seed: options.checkpointSeed, limits, store: store?.audit, raise })
  const feeds = openFeeds({
    trail: options,
    limits,
    raise,
    onAccepted(rows) {
      checkpoints.advance(rows)
      if (dropped > 0) tellOfDropped()
    },
    onForked(entries) {
      for (const { row } of entries.slice(0, 1)) raise({ kind: 'fork', stream: row.stream })
      outlet.rechain(entries)
    },
  })
  const outlet = auditOutlet({ start, clock, feeds: feeds.all })
  const lanes =
    mode === 'required' && store?.supports.transactions
      ? writeLanes({ start, maxLanes: store.supports.writers, clock, waitMs: limits.sinkTimeoutMs })
      : undefined
  const behind = chainBehind({
    most: limits.batchRows,
    chain: (event) => outlet.deliver([event]),
    onUnfit() {
      dropped += 1
    },
  })
  const writes = callGate(clock)
  let dropped = 0
  let isShut = false
  let closing: Promise<void> | undefined

  const submit = (events: readonly AuditEvent[], signal?: AbortSignal): Promise<void> => {
    if (isShut) throw new VaultError('VAULT_CLOSED')
    const stamped = outlet.stamped(events)
    // Events behind have their room already, and so has the one that opens the stream before them.
    const taken = mode === 'buffered' ? 1 + behind.size() : 0
    const hasRoom = feeds.counting.some((feed) => feed.hasRoomFor(taken + events.length))
    if (mode === 'buffered') {
      if (hasRoom) behind.add(stamped)
      else dropped += events.length
      return Promise.resolve()
    }
    if (!hasRoom) throw new VaultError('VAULT_AUDIT_FAILED', { detail: 'Too many events wait to be written.' })
    const { ticket, done } = waitForAny({ sinks: feeds.counting.map(({ id }) => id), signal })
    outlet.deliver(stamped, ticket)
    return done
  }

  const tellOfDropped = (): void => {
    behind.catchUp()
    const count = dropped
    dropped = 0
    raise({ kind: 'dropped', count })
    const lost = { action: 'audit.dropped', outcome: 'failed', operation: 'record', principal: 'mcpvault' } as const
    outlet.deliver(outlet.stamped([{ ...lost, count }]))
  }

  const writeAndRecord = async <T>(write: RecordedWrite<T>): Promise<T> => {
    const { event, commit, applied, signal } = write
    if (lanes !== undefined) {
      const onApplied = (rows: Parameters<typeof outlet.forward>[0]): void => {
        checkpoints.advance(rows)
        outlet.forward(rows, feeds.ofStore)
      }
      return writeThroughLane({ lanes, outlet, onApplied }, write)
    }
    if (mode === 'required') await submit([{ ...event, outcome: 'intent' }], signal)
    const committing = commit(undefined)
    const result = isPromiseLike(committing) ? await committing : committing
    // Not under the signal: the write took place, and its event has to follow.
    if (applied(result)) await submit([event])
    return result
  }

  const flush = async (): Promise<void> => {
    behind.catchUp()
    const drained = new Map(await Promise.all(feeds.all.map(async (feed) => [feed, await feed.drain()] as const)))
    if (feeds.counting.some((feed) => drained.get(feed))) return
    throw new VaultError('VAULT_AUDIT_FAILED', { detail: 'Events are still waiting to be written.' })
  }

  const refuseWhenClosed = (): void => {
    if (closing !== undefined) throw new VaultError('VAULT_CLOSED')
  }

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
    await writes.whenEmpty(2 * limits.sinkTimeoutMs)
    behind.catchUp()
    if (dropped > 0) tellOfDropped()
    isShut = true
    for (const lane of lanes?.close() ?? []) outlet.close(lane)
    outlet.closeMain()
    const failure = await bounded(flush)
    outlet.wipe()
    // A failed checkpoint has raised its alarm.
    await bounded(checkpoints.checkpoint)
    checkpoints.stop()
    for (const feed of feeds.all) feed.stop()
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
      writes.enter()
      try {
        return await writeAndRecord(write)
      } finally {
        writes.leave()
      }
    },
    flush,
    checkpoint: checkpoints.checkpoint,
    close() {
      closing ??= shut()
      return closing
    },
    publicKey: () => checkpoints.publicKey,
  }
}
