// What a checkpoint states, and which rows it covers.
import { describe, expect, it } from 'vitest'
import { noteReader } from '../../src/audit/checkpoint/note.ts'
import type { AuditRow, AuditStore, Checkpoint, VaultStore } from '../../src/contracts/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import {
  codeOf,
  deferred,
  event,
  keys,
  numbered,
  rowsOf,
  scriptedSink,
  settle,
  streamId,
  testTrail,
} from './support.ts'

type Parts = ReturnType<typeof testTrail>

const day = 24 * 60 * 60 * 1_000

function headsOf({ trail }: Pick<Parts, 'trail'>, checkpoint: Checkpoint | undefined) {
  const read = noteReader({ publicKey: trail.publicKey(), vaultId: keys.vaultId })
  return checkpoint === undefined ? undefined : read(checkpoint)?.map(({ stream, sequence }) => [stream, sequence])
}

function storedBy({ store }: Pick<Parts, 'store'>) {
  return store.audit.checkpoints({ limit: 1_000 })
}

function withAudit(store: VaultStore, audit: Partial<AuditStore>): VaultStore {
  return { ...store, audit: { ...store.audit, ...audit } }
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

describe('streams', () => {
  it('are the durable heads of the last day', async () => {
    const { trail, clock, store } = testTrail()
    expect(trail.streams()).toEqual([])
    await trail.record(numbered(1))
    const [, last] = await rowsOf(store)
    expect(trail.streams()).toEqual([{ stream: streamId(1), sequence: 1, mac: Buffer.from(last?.mac ?? []) }])
    clock.advance(day)
    await write({ trail, store }, 2)
    await trail.checkpoint()
    expect(trail.streams().map(({ stream }) => stream)).toEqual([streamId(1), streamId(2)])
    clock.advance(1)
    await write({ trail, store }, 3)
    await trail.checkpoint()
    expect(trail.streams().map(({ stream }) => stream)).toEqual([streamId(2)])
  })
})
