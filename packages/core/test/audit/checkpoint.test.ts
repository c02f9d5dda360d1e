// What a checkpoint states, and which rows it covers.
import { describe, expect, it } from 'vitest'
import type { AuditRow, Checkpoint } from '../../src/contracts/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import {
  codeOf,
  deferred,
  event,
  headsOf,
  numbered,
  range,
  rowsOf,
  scriptedSink,
  settle,
  streamId,
  testTrail,
  withAudit,
} from './support.ts'

type Parts = ReturnType<typeof testTrail>

const day = 24 * 60 * 60 * 1_000

function storedBy({ store }: Pick<Parts, 'store'>) {
  return store.audit.checkpoints({ limit: 1_000 })
}

function write({ trail, store }: Pick<Parts, 'trail' | 'store'>, count: number) {
  const commit = async (rows: readonly AuditRow[] | undefined) => store.audit.append(rows ?? [])
  return trail.recordWith({ event: numbered(count), commit, applied: () => true })
}

describe('checkpoint', () => {
  it('signs the last durable row of every own stream, stores it and hands it over', async () => {
    const parts = testTrail()
    await parts.trail.record([numbered(1), numbered(2)])
    await write(parts, 3)
    const checkpoint = await parts.trail.checkpoint()
    expect(headsOf(parts, checkpoint)).toEqual([
      [streamId(1), 2],
      [streamId(2), 1],
    ])
    expect(checkpoint?.createdAt).toEqual(new Date('2026-01-01T00:00:00.000Z'))
    expect(await storedBy(parts)).toEqual([checkpoint])
    expect(parts.kept).toEqual([checkpoint])
    const macs = (await rowsOf(parts.store)).map(({ mac }) => Buffer.from(mac).toString('hex'))
    expect(checkpoint?.note).toContain(` 2 ${macs[2]}\n`)
  })

  it('is nothing when nothing is new', async () => {
    const { trail, kept } = testTrail()
    expect(await trail.checkpoint()).toBeUndefined()
    await trail.record(event)
    await trail.checkpoint()
    expect(await trail.checkpoint()).toBeUndefined()
    expect(kept).toHaveLength(1)
  })

  it('speaks of no row that is not durable yet', async () => {
    const inner = memoryStore()
    let isDown = false
    const store = withAudit(inner, {
      append(rows) {
        if (isDown) throw new Error('The store fails.')
        return inner.audit.append(rows)
      },
    })
    const parts = testTrail({ store })
    await parts.trail.record(numbered(1))
    isDown = true
    await codeOf(parts.trail.record(numbered(2)))
    expect(headsOf(parts, await parts.trail.checkpoint())).toEqual([[streamId(1), 1]])
  })

  it('needs no store', async () => {
    const { sink } = scriptedSink()
    const parts = testTrail({ store: undefined, sinks: [sink] })
    await parts.trail.record(event)
    expect(headsOf(parts, await parts.trail.checkpoint())).toEqual([[streamId(1), 1]])
    expect(parts.kept).toHaveLength(1)
  })

  it('needs nobody who keeps it elsewhere', async () => {
    const parts = testTrail({ onCheckpoint: undefined })
    await parts.trail.record(event)
    await parts.trail.checkpoint()
    expect(await storedBy(parts)).toHaveLength(1)
  })

  it('waits for one that is under way, and covers what came since', async () => {
    const gate = deferred<void>()
    const kept: Checkpoint[] = []
    const onCheckpoint = async (checkpoint: Checkpoint): Promise<void> => {
      kept.push(checkpoint)
      await gate.promise
    }
    const parts = testTrail({ onCheckpoint })
    await parts.trail.record(numbered(1))
    const first = parts.trail.checkpoint()
    await settle()
    await parts.trail.record(numbered(2))
    const second = parts.trail.checkpoint()
    const third = parts.trail.checkpoint()
    await settle()
    expect(kept).toHaveLength(1)
    gate.resolve()
    expect(headsOf(parts, await first)).toEqual([[streamId(1), 1]])
    expect(headsOf(parts, await second)).toEqual([[streamId(1), 2]])
    expect(await third).toBe(await second)
    expect(kept).toHaveLength(2)
  })

  it('is the one under way when that covers everything', async () => {
    const gate = deferred<void>()
    const parts = testTrail({ onCheckpoint: () => gate.promise })
    await parts.trail.record(numbered(1))
    const first = parts.trail.checkpoint()
    await settle()
    const second = parts.trail.checkpoint()
    gate.resolve()
    expect(await second).toBe(await first)
  })
})

describe('own streams', () => {
  it('are stated for a day after their last row', async () => {
    const parts = testTrail({ store: undefined, sinks: [scriptedSink().sink] })
    const states = async (n: number) => {
      await parts.trail.record(numbered(n))
      return headsOf(parts, await parts.trail.checkpoint())
    }
    expect(await states(1)).toEqual([[streamId(1), 1]])
    parts.clock.advance(2 * day)
    expect(await states(2)).toEqual([[streamId(1), 2]])
  })

  it('that were abandoned are left out a day after their last row', async () => {
    const parts = testTrail()
    await write(parts, 1)
    const lost = { event, commit: () => Promise.reject(new Error('lost')), applied: () => true }
    await codeOf(parts.trail.recordWith(lost))
    parts.clock.advance(day)
    await write(parts, 2)
    expect(headsOf(parts, await parts.trail.checkpoint())).toEqual([
      [streamId(1), 1],
      [streamId(2), 1],
    ])
    parts.clock.advance(1)
    await write(parts, 3)
    expect(headsOf(parts, await parts.trail.checkpoint())).toEqual([[streamId(2), 2]])
  })

  it('are at most 200, the latest', async () => {
    const parts = testTrail()
    for (const n of range(250)) {
      await write(parts, n)
      await codeOf(parts.trail.recordWith({ event, commit: () => Promise.reject(new Error('lost')), applied: Boolean }))
    }
    const heads = headsOf(parts, await parts.trail.checkpoint()) ?? []
    expect(heads).toHaveLength(200)
    expect(heads.at(-1)).toEqual([streamId(250), 1])
    expect(parts.kept[0]?.note.length).toBeLessThan(30_000)
  })
})
