// The end of a trail: everything is sent, every stream is closed, and nothing hangs.

import { testVault } from '@mcpvault/testkit/vaults'
import { describe, expect, it } from 'vitest'
import type { VaultStore } from '../../src/contracts/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { recordingStore } from '../../src/testing/index.ts'
import {
  auditFailed,
  bodiesOf,
  codeOf,
  deferred,
  event,
  numbered,
  range,
  rowsOf,
  scriptedSink,
  settle,
  streamId,
  testTrail,
  withAppend,
} from './support.ts'

describe('close', () => {
  it('sends what is queued, ends the stream, and refuses what comes after', async () => {
    const { trail, store, kept } = testTrail({ mode: 'buffered' })
    await trail.record(numbered(1))
    const closing = trail.close()
    expect(trail.close()).toBe(closing)
    await closing
    expect(bodiesOf(await rowsOf(store)).map((body) => body['event_type'])).toEqual([
      'audit.opened',
      'secret.accessed',
      'audit.closed',
    ])
    expect(bodiesOf(await rowsOf(store))[2]).toMatchObject({ operation: 'close', user_id: 'mcpvault', success: true })
    expect(kept).toHaveLength(1)
    expect(await codeOf(trail.record(event))).toBe('VAULT_CLOSED')
    const write = { event, commit: () => true, applied: () => true }
    expect(await codeOf(trail.recordWith(write))).toBe('VAULT_CLOSED')
    expect(await rowsOf(store)).toHaveLength(3)
  })

  it('leaves no timer', async () => {
    for (const mode of ['required', 'buffered'] as const) {
      const { trail, clock } = testTrail({ mode })
      await trail.record(event)
      await trail.close()
      expect(clock.pendingTimers).toBe(0)
    }
  })

  it('writes nothing when nothing was recorded', async () => {
    const { trail, store, kept } = testTrail()
    await trail.close()
    expect(await rowsOf(store)).toEqual([])
    expect(kept).toEqual([])
  })

  it('closes every sink, also when one fails to', async () => {
    const good = scriptedSink([], { id: 'good' })
    const bad = scriptedSink([], { id: 'bad' })
    const { close: _, ...plain } = scriptedSink([], { id: 'plain' }).sink
    const close = () => Promise.reject(new Error('The sink does not close.'))
    const { trail, alarms } = testTrail({ sinks: [{ ...bad.sink, close }, plain, good.sink] })
    await trail.record(event)
    await trail.close()
    expect(good.closes()).toBe(1)
    expect(alarms).toMatchObject([{ kind: 'sink-failed', sink: 'bad' }])
  })

  it('ends in bounded time when the store hangs, and says that events are lost', async () => {
    const inner = memoryStore()
    const store = withAppend(inner, () => new Promise(() => undefined))
    const { trail, clock } = testTrail({ store })
    const recorded = codeOf(trail.record(event))
    const closed = expect(trail.close()).rejects.toMatchObject(auditFailed('still waiting'))
    for (const _ of range(8)) {
      await settle()
      clock.advance(5_000)
    }
    await closed
    expect(await recorded).toBe('VAULT_AUDIT_FAILED')
    expect(clock.pendingTimers).toBe(0)
    // What is lost stays lost: nothing is sent any more, and no flush says that it was.
    await expect(trail.flush()).rejects.toMatchObject(auditFailed('still waiting'))
  })

  it('waits no longer than its limit for a sink that takes one batch after another', async () => {
    const store = memoryStore()
    const clockSteps: (() => void)[] = []
    const slow = withAppend(store, async (rows) => {
      const gate = deferred<void>()
      clockSteps.push(() => gate.resolve())
      await gate.promise
      return store.audit.append(rows)
    })
    const { trail, clock } = testTrail({ store: slow, mode: 'buffered', limits: { batchRows: 1 } })
    await trail.record(range(20).map(numbered))
    const closed = codeOf(trail.close())
    for (const _ of range(6)) {
      await settle()
      clock.advance(4_000)
      clockSteps.shift()?.()
    }
    await settle()
    clock.advance(10_000)
    expect(await closed).toBe('VAULT_AUDIT_FAILED')
  })

  it('writes the closing events of all streams as one append', async () => {
    const inner = memoryStore({ supports: { writers: 8 } })
    const appends: number[] = []
    const store = withAppend(inner, (rows) => {
      appends.push(rows.length)
      return inner.audit.append(rows)
    })
    const parts = testTrail({ store })
    await parts.trail.record(numbered(0))
    await severalWrites(parts, 8)
    await settle()
    appends.length = 0
    await parts.trail.close()
    expect(appends).toEqual([9])
    expect(await parts.verify()).toMatchObject({ ok: true, streams: 9, unclosed: 0 })
  })

  it('writes each closing event of its own when one stream is forked, and stops that stream alone', async () => {
    const parts = testTrail({ store: memoryStore({ supports: { writers: 3 } }) })
    await severalWrites(parts, 3)
    await occupyNext(parts.store, streamId(2))
    await parts.trail.close()
    expect(parts.alarms).toEqual([{ kind: 'fork', stream: streamId(2) }])
    const report = await parts.verify()
    expect(report.problems).toEqual([{ problem: 'mac', stream: streamId(2), sequence: 2 }])
    expect(bodiesOf(await rowsOf(parts.store, streamId(3))).at(-1)).toMatchObject({ event_type: 'audit.closed' })
  })

  it('ends at once when the only stream is one of writes, and forked', async () => {
    const parts = testTrail()
    await severalWrites(parts, 1)
    await occupyNext(parts.store, streamId(1))
    await parts.trail.close()
    expect(parts.alarms).toEqual([{ kind: 'fork', stream: streamId(1) }])
  })

  it('moves the closing event of the forked main stream, and of no other', async () => {
    const parts = testTrail({ store: memoryStore({ supports: { writers: 2 } }) })
    await parts.trail.record(numbered(0))
    await severalWrites(parts, 2)
    await occupyNext(parts.store, streamId(1))
    await parts.trail.close()
    const kinds = bodiesOf(await rowsOf(parts.store, streamId(4))).map(({ event_type }) => event_type)
    expect(kinds).toEqual(['audit.opened', 'audit.closed'])
    const report = await parts.verify()
    expect(report).toMatchObject({ streams: 4, problemCount: 1, unclosed: 0 })
  })

  it.each([1, 1_000])(
    'of a vault asks the store 4 times at most, with %i streams of other processes',
    async (others) => {
      const plain = memoryStore({ supports: { writers: 8 } })
      await otherStreams(plain, others)
      const store = recordingStore(plain)
      const { vault, scope } = testVault({ store })
      await Promise.all(range(8).map((n) => scope('alice').set(`token-${n}`, 'a value')))
      await scope('alice').get('token-1')
      store.forget()
      await vault.close()
      expect(store.calls.toSorted()).toEqual(['audit.append', 'audit.putCheckpoint', 'audit.streams', 'secrets.touch'])
      const [checkpoint] = await plain.audit.checkpoints({ limit: 1 })
      expect(checkpoint?.note.length).toBeLessThan(30_000)
    },
  )
})

/** Somebody else writes a row in the next place of a stream. */
async function occupyNext(store: VaultStore, stream: string): Promise<void> {
  const row = (await rowsOf(store, stream)).at(-1)
  if (row === undefined) throw new Error('There is no such stream.')
  await store.audit.append([{ ...row, sequence: row.sequence + 1, mac: Buffer.alloc(32, 9) }])
}

/** Writes that are under way at the same time, so that each has a stream of its own. */
async function severalWrites({ trail, store }: ReturnType<typeof testTrail>, count: number): Promise<void> {
  const gate = deferred<void>()
  const writes = range(count).map((n) =>
    trail.recordWith({
      event: numbered(n + 1),
      async commit(rows) {
        await gate.promise
        return store.audit.append(rows ?? [])
      },
      applied: (answer) => answer === 'stored',
    }),
  )
  gate.resolve()
  await Promise.all(writes)
}

async function otherStreams(store: VaultStore, count: number): Promise<void> {
  const template = testTrail()
  await template.trail.record(event)
  const at = new Date()
  for (const row of await rowsOf(template.store)) {
    const columns = { ...row.columns, at }
    for (const n of range(count)) await store.audit.append([{ ...row, stream: streamId(n + 1), columns }])
  }
}
