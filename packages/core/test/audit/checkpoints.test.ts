// When checkpoints are made, and what happens when they cannot be kept.
import { describe, expect, it } from 'vitest'
import { type AuditRow, type CallOptions, type Checkpoint, guardStore } from '../../src/contracts/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { manualClock } from '../../src/testing/index.ts'
import {
  auditFailed,
  codeOf,
  deferred,
  event,
  headsOf,
  numbered,
  settle,
  streamId,
  testTrail,
  withAudit,
} from './support.ts'

type Parts = ReturnType<typeof testTrail>

function write({ trail, store }: Pick<Parts, 'trail' | 'store'>, count: number) {
  const commit = async (rows: readonly AuditRow[] | undefined) => store.audit.append(rows ?? [])
  return trail.recordWith({ event: numbered(count), commit, applied: () => true })
}

describe('checkpoints', () => {
  it('are made once so long after the first new event', async () => {
    const { trail, clock, kept } = testTrail()
    clock.advance(60_000)
    await trail.record(numbered(1))
    clock.advance(30_000)
    await trail.record(numbered(2))
    clock.advance(29_999)
    await settle()
    expect(kept).toHaveLength(0)
    clock.advance(1)
    await settle()
    expect(kept).toHaveLength(1)
    clock.advance(600_000)
    await settle()
    expect(kept).toHaveLength(1)
    await trail.record(numbered(3))
    clock.advance(60_000)
    await settle()
    expect(kept).toHaveLength(2)
  })

  it('are made after so many events', async () => {
    const { trail, kept } = testTrail({ limits: { checkpointEvents: 5 } })
    await trail.record([1, 2, 3].map(numbered))
    await settle()
    expect(kept).toHaveLength(0)
    await trail.record(numbered(4))
    await settle()
    expect(kept).toHaveLength(1)
    await trail.record([1, 2, 3, 4].map(numbered))
    await settle()
    expect(kept).toHaveLength(1)
    await trail.record(numbered(5))
    await settle()
    expect(kept).toHaveLength(2)
  })

  it('count the events of writes too', async () => {
    const parts = testTrail({ limits: { checkpointEvents: 2 } })
    await write(parts, 1)
    await settle()
    expect(parts.kept).toHaveLength(1)
  })

  it('are scheduled again for events that came while one was made', async () => {
    const gate = deferred<void>()
    const kept: Checkpoint[] = []
    const onCheckpoint = async (checkpoint: Checkpoint): Promise<void> => {
      kept.push(checkpoint)
      await gate.promise
    }
    const { trail, clock } = testTrail({ onCheckpoint })
    await trail.record(numbered(1))
    const making = trail.checkpoint()
    await settle()
    await trail.record(numbered(2))
    gate.resolve()
    await making
    clock.advance(60_000)
    await settle()
    expect(kept).toHaveLength(2)
  })

  it('raise an alarm when they cannot be stored, and are tried again by time alone', async () => {
    const inner = memoryStore()
    let attempts = 0
    const store = withAudit(inner, {
      putCheckpoint(checkpoint) {
        attempts += 1
        if (attempts < 3) throw new Error('The store fails.')
        return inner.audit.putCheckpoint(checkpoint)
      },
    })
    const { trail, clock, alarms, kept } = testTrail({ store, limits: { checkpointEvents: 2 } })
    await trail.record(numbered(1))
    await settle()
    expect(alarms).toMatchObject([{ kind: 'checkpoint-failed', cause: { message: 'The store fails.' } }])
    expect(attempts).toBe(1)
    await trail.record([numbered(2), numbered(3)])
    await settle()
    expect(attempts).toBe(1)
    const failed = { ...auditFailed('No checkpoint could be kept'), cause: { message: 'The store fails.' } }
    await expect(trail.checkpoint()).rejects.toMatchObject(failed)
    clock.advance(60_000)
    await settle()
    expect(attempts).toBe(3)
    expect(kept).toHaveLength(1)
    await trail.record([numbered(4), numbered(5)])
    await settle()
    expect(attempts).toBe(4)
  })

  it.each(['streams', 'putCheckpoint'] as const)(
    'end the wait for %s of a store that hangs, and abort it',
    async (method) => {
      const clock = manualClock()
      let given: AbortSignal | undefined
      const hangs = (options: CallOptions | undefined): Promise<never> => {
        given = options?.signal
        return new Promise(() => undefined)
      }
      const audit =
        method === 'streams'
          ? { streams: hangs }
          : { putCheckpoint: (_: Checkpoint, options?: CallOptions) => hangs(options) }
      // The limit of the store's guard is far away, so that the signal can only be that of the checkpoint.
      const store = guardStore({ store: withAudit(memoryStore(), audit), clock, limitMs: 60_000 })
      const { trail, alarms } = testTrail({ store, clock })
      await trail.record(event)
      const made = codeOf(trail.checkpoint())
      await settle()
      clock.advance(4_999)
      await settle()
      expect(alarms).toEqual([])
      expect(given?.aborted).toBe(false)
      clock.advance(1)
      expect(await made).toBe('VAULT_AUDIT_FAILED')
      expect(given?.aborted).toBe(true)
      expect(alarms).toMatchObject([{ kind: 'checkpoint-failed', cause: auditFailed('took too long') }])
    },
  )

  it('do not wait without a limit for who keeps them', async () => {
    const { trail, clock, alarms } = testTrail({ onCheckpoint: () => new Promise(() => undefined) })
    await trail.record(event)
    const made = codeOf(trail.checkpoint())
    await settle()
    clock.advance(5_000)
    expect(await made).toBe('VAULT_AUDIT_FAILED')
    expect(alarms).toMatchObject([{ kind: 'checkpoint-failed' }])
  })

  it('cover the closing events at the close, also when one is under way', async () => {
    const gate = deferred<void>()
    const kept: Checkpoint[] = []
    const onCheckpoint = async (checkpoint: Checkpoint): Promise<void> => {
      kept.push(checkpoint)
      await gate.promise
    }
    const parts = testTrail({ onCheckpoint })
    await parts.trail.record(event)
    void parts.trail.checkpoint()
    await settle()
    const closing = parts.trail.close()
    await settle()
    gate.resolve()
    await closing
    expect(kept.map((checkpoint) => headsOf(parts, checkpoint))).toEqual([[[streamId(1), 1]], [[streamId(1), 2]]])
  })

  it('that fail at the close raise the alarm alone', async () => {
    const onCheckpoint = () => Promise.reject(new Error('Nobody keeps it.'))
    const { trail, alarms, clock } = testTrail({ onCheckpoint })
    await trail.record(event)
    await trail.close()
    expect(alarms).toMatchObject([{ kind: 'checkpoint-failed' }])
    expect(clock.pendingTimers).toBe(0)
  })
})
