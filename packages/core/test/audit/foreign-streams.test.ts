// Checkpoints speak of the streams of other processes too.
import { describe, expect, it } from 'vitest'
import { noteReader } from '../../src/audit/checkpoint/note.ts'
import type { AuditStore, Checkpoint, VaultStore } from '../../src/contracts/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { manualClock } from '../../src/testing/index.ts'
import { event, keys, numbered, rowsOf, streamId, testTrail, verifyStore } from './support.ts'

type Parts = ReturnType<typeof testTrail>

const day = 24 * 60 * 60 * 1_000

function headsOf({ trail }: Pick<Parts, 'trail'>, checkpoint: Checkpoint | undefined) {
  const read = noteReader({ publicKey: trail.publicKey(), vaultId: keys.vaultId })
  return checkpoint === undefined ? undefined : read(checkpoint)?.map(({ stream, sequence }) => [stream, sequence])
}

function withAudit(store: VaultStore, audit: Partial<AuditStore>): VaultStore {
  return { ...store, audit: { ...store.audit, ...audit } }
}

describe('checkpoints', () => {
  it('state the streams of other processes that were active in the last day', async () => {
    const clock = manualClock()
    const store = memoryStore({ clock })
    const ids = [5, 6].values()
    const randomBytes = () => Buffer.from(streamId(ids.next().value ?? 0), 'hex')
    const first = testTrail({ store, clock, randomBytes })
    await first.trail.record(numbered(1))
    clock.advance(1)
    const second = testTrail({ store, clock, randomBytes })
    await second.trail.record(numbered(2))
    const third = testTrail({ store, clock })
    clock.advance(day - 1)
    await third.trail.record(numbered(3))
    expect(headsOf(third, await third.trail.checkpoint())).toEqual([
      [streamId(1), 1],
      [streamId(5), 1],
      [streamId(6), 1],
    ])
    clock.advance(1)
    await third.trail.record(numbered(4))
    expect(headsOf(third, await third.trail.checkpoint())).toEqual([
      [streamId(1), 2],
      [streamId(6), 1],
    ])
    expect(await verifyStore(store)).toMatchObject({ ok: true })
  })

  it('state own streams from memory, so that a cut tail contradicts them', async () => {
    const inner = memoryStore()
    const store = withAudit(inner, {
      streams: async (options) =>
        (await inner.audit.streams(options)).map((info) => ({ ...info, lastSequence: info.lastSequence - 1 })),
    })
    const parts = testTrail({ store })
    await parts.trail.record([numbered(1), numbered(2)])
    expect(headsOf(parts, await parts.trail.checkpoint())).toEqual([[streamId(1), 2]])
  })

  it('read the head of a foreign stream again only when it has moved', async () => {
    const inner = memoryStore()
    const reads: string[] = []
    const store = withAudit(inner, {
      readStream(stream, options) {
        reads.push(`${stream.slice(-1)}:${options.afterSequence}:${options.limit}`)
        return inner.audit.readStream(stream, options)
      },
    })
    const other = testTrail({ store: inner, randomBytes: () => Buffer.alloc(16, 0x99) })
    await other.trail.record(numbered(1))
    const { trail } = testTrail({ store })
    for (const n of [1, 2]) {
      await trail.record(numbered(n))
      await trail.checkpoint()
    }
    expect(reads).toEqual(['9:0:1'])
    await other.trail.record(numbered(2))
    await trail.record(numbered(3))
    await trail.checkpoint()
    expect(reads).toEqual(['9:0:1', '9:1:1'])
  })

  it('leave out a foreign stream whose last row is gone meanwhile', async () => {
    const inner = memoryStore()
    const other = testTrail({ store: inner, randomBytes: () => Buffer.alloc(16, 0x99) })
    await other.trail.record(numbered(1))
    const parts = testTrail({ store: withAudit(inner, { readStream: () => [] }) })
    await parts.trail.record(event)
    expect(headsOf(parts, await parts.trail.checkpoint())).toEqual([[streamId(1), 1]])
  })

  it('take up foreign streams page by page, and go on in the next one after a thousand', async () => {
    const store = memoryStore()
    const template = testTrail({ randomBytes: () => Buffer.alloc(16, 0x77) })
    await template.trail.record(event)
    const [row] = await rowsOf(template.store)
    if (row === undefined) throw new Error('There is no row.')
    for (let n = 2; n <= 1_500; n++) await store.audit.append([{ ...row, stream: streamId(n) }])
    const parts = testTrail({ store })
    const counts: (number | undefined)[] = []
    const seen = new Set<unknown>()
    for (const n of [1, 2, 3]) {
      await parts.trail.record(numbered(n))
      const heads = headsOf(parts, await parts.trail.checkpoint())
      counts.push(heads?.length)
      for (const [stream] of heads ?? []) seen.add(stream)
    }
    // Six pages of 200 pass the thousand, the own stream among them; the next checkpoint takes the rest.
    expect(counts).toEqual([1_200, 301, 1_200])
    expect(seen.size).toBe(1_500)
  })
})
