// Checkpoints speak of the streams of other processes too.
import { describe, expect, it } from 'vitest'
import { foreignHeads } from '../../src/audit/checkpoint/foreign-heads.ts'
import type { AuditStreamInfo } from '../../src/contracts/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { manualClock } from '../../src/testing/index.ts'
import { interceptStore } from '../../src/testing/intercept.ts'
import {
  codeOf,
  event,
  headsOf,
  numbered,
  range,
  rowsOf,
  statedIn,
  streamId,
  testTrail,
  verifyStore,
  withAudit,
} from './support.ts'

const day = 24 * 60 * 60 * 1_000

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

  it('mark what they only saw, and not what their own process wrote', async () => {
    const store = memoryStore()
    const other = testTrail({ store, randomBytes: () => Buffer.alloc(16, 0x99) })
    await other.trail.record(numbered(1))
    const parts = testTrail({ store })
    await parts.trail.record(event)
    const checkpoint = await parts.trail.checkpoint()
    expect(statedIn(parts, checkpoint)).toMatchObject([
      { stream: streamId(1), sequence: 1 },
      { stream: '99'.repeat(16), sequence: 1, seen: true },
    ])
    expect(checkpoint?.note.match(/ seen$/gm)).toHaveLength(1)
  })

  it('read every other stream in one query', async () => {
    const { store } = await storeWithStreams(300)
    const calls: string[] = []
    const counted = interceptStore(store, ({ name, run }) => {
      calls.push(name)
      return run()
    })
    const parts = testTrail({ store: counted })
    await parts.trail.record(event)
    calls.length = 0
    await parts.trail.checkpoint()
    expect(calls).toEqual(['audit.streams', 'audit.putCheckpoint'])
  })

  it('state at most 200 others, first those that were never stated, then those stated longest ago', async () => {
    const { store, row } = await storeWithStreams(300)
    const parts = testTrail({ store })
    const others = async (n: number) => {
      await parts.trail.record(numbered(n))
      return (headsOf(parts, await parts.trail.checkpoint()) ?? []).slice(1).map(([stream]) => stream)
    }
    expect(await others(1)).toEqual(range(200).map((n) => streamId(n + 1_001)))
    expect(await others(2)).toEqual([...range(100), ...range(100).map((n) => n + 200)].map((n) => streamId(n + 1_001)))
    expect(await others(3)).toEqual(range(200).map((n) => streamId(n + 1_001)))
    await store.audit.append([{ ...row, stream: streamId(5_000) }])
    expect(await others(4)).toContain(streamId(5_000))
    for (const { note } of parts.kept) expect(note.length).toBeLessThan(30_000)
  })

  it('state a closed stream once, and again only when it is closed no longer', async () => {
    const store = memoryStore()
    const other = testTrail({ store, randomBytes: () => Buffer.alloc(16, 0x99) })
    await other.trail.record(numbered(1))
    const parts = testTrail({ store })
    const states = async (n: number) => {
      await parts.trail.record(numbered(n))
      return (headsOf(parts, await parts.trail.checkpoint()) ?? []).slice(1).map(([, sequence]) => sequence)
    }
    expect(await states(1)).toEqual([1])
    expect(await states(2)).toEqual([1])
    await other.trail.close()
    expect(await states(3)).toEqual([2])
    expect(await states(4)).toEqual([])
    const [row] = await rowsOf(store, '99'.repeat(16))
    if (row !== undefined) await store.audit.append([{ ...row, sequence: 3 }])
    expect(await states(5)).toEqual([3])
  })

  it('state a closed stream again when the checkpoint that did so could not be kept', async () => {
    const inner = memoryStore()
    const other = testTrail({ store: inner, randomBytes: () => Buffer.alloc(16, 0x99) })
    await other.trail.record(numbered(1))
    await other.trail.close()
    let isDown = true
    const store = withAudit(inner, {
      putCheckpoint(checkpoint) {
        if (isDown) throw new Error('The store fails.')
        return inner.audit.putCheckpoint(checkpoint)
      },
    })
    const parts = testTrail({ store })
    await parts.trail.record(event)
    expect(await codeOf(parts.trail.checkpoint())).toBe('VAULT_AUDIT_FAILED')
    isDown = false
    expect(headsOf(parts, await parts.trail.checkpoint())).toContainEqual(['99'.repeat(16), 2])
  })

  it.each<[string, Partial<AuditStreamInfo>]>([
    ['a stream id that is too short', { stream: 'ab' }],
    ['a stream id with a line end', { stream: `${'ab'.repeat(16)}\n` }],
    ['a stream id in capitals', { stream: 'AB'.repeat(16) }],
    ['a negative sequence', { lastSequence: -1 }],
    ['a broken sequence', { lastSequence: 1.5 }],
    ['a sequence that is too large', { lastSequence: 2 ** 53 }],
    ['no sequence', { lastSequence: Number.NaN }],
    ['no mac', { lastMac: undefined as never }],
    ['a short mac', { lastMac: Buffer.alloc(31) }],
    ['a long mac', { lastMac: Buffer.alloc(33) }],
  ])('never state what has not the form of a head: %s', async (_, change) => {
    const inner = memoryStore()
    const good = { stream: streamId(8), firstAt: new Date(0), lastAt: new Date(0), lastSequence: 4, isClosed: false }
    const infos: AuditStreamInfo[] = [
      { ...good, lastMac: Buffer.alloc(32), stream: streamId(9), ...change },
      { ...good, lastMac: Buffer.alloc(32) },
    ]
    const parts = testTrail({ store: withAudit(inner, { streams: () => infos }) })
    await parts.trail.record(event)
    expect(headsOf(parts, await parts.trail.checkpoint())).toEqual([
      [streamId(1), 1],
      [streamId(8), 4],
    ])
  })

  it('state a stream once although the store shows it twice', async () => {
    const { store } = await storeWithStreams(3)
    const twice = withAudit(store, {
      streams: async (options) => [...(await store.audit.streams(options)), ...(await store.audit.streams(options))],
    })
    const parts = testTrail({ store: twice })
    await parts.trail.record(event)
    expect(headsOf(parts, await parts.trail.checkpoint())).toHaveLength(4)
  })

  it('read a thousand streams at a time, and go on in the next one', async () => {
    const { store } = await storeWithStreams(1_500)
    const pages: unknown[] = []
    const spied = withAudit(store, {
      streams(options) {
        pages.push([options.limit, options.after])
        return store.audit.streams(options)
      },
    })
    const parts = testTrail({ store: spied })
    const seen = new Set<unknown>()
    for (const n of range(16)) {
      await parts.trail.record(numbered(n))
      for (const [stream] of headsOf(parts, await parts.trail.checkpoint()) ?? []) seen.add(stream)
    }
    expect(pages.slice(0, 3)).toEqual([
      [1_000, undefined],
      [1_000, streamId(1_999)],
      [1_000, undefined],
    ])
    expect(seen.size).toBe(1_501)
  })
})

describe('a store that shows a process what never was', () => {
  const other = '99'.repeat(16)
  it.each<[string, Partial<AuditStreamInfo>, object]>([
    ['another last row', { lastMac: Buffer.alloc(32, 7) }, { problem: 'head', stream: other, sequence: 2 }],
    ['rows after the last', { lastSequence: 9 }, { problem: 'truncated', stream: other, sequence: 3 }],
    ['another stream', { stream: '88'.repeat(16) }, { problem: 'missing-stream', stream: '88'.repeat(16) }],
  ])('[T47] makes its checkpoint doubtful, not a row of another process: %s', async (_, lie, problem) => {
    const inner = memoryStore()
    const honest = testTrail({ store: inner, randomBytes: () => Buffer.alloc(16, 0x99) })
    await honest.trail.record([numbered(1), numbered(2)])
    const lying = withAudit(inner, {
      streams: async (options) =>
        (await inner.audit.streams(options)).map((info) => (info.stream === other ? { ...info, ...lie } : info)),
    })
    const deceived = testTrail({ store: lying })
    await deceived.trail.record(event)
    await deceived.trail.close()
    const report = await verifyStore(inner)
    expect(report.problems).toEqual([{ ...problem, seenBy: deceived.kept[0]?.id }])
    expect(report).toMatchObject({ events: 6, checkpoints: 1 })
  })
})

describe('what was stated', () => {
  it('is remembered of the last 20,000 streams, so that memory is bounded', () => {
    const foreign = foreignHeads()
    const ids = range(20_001).map(streamId)
    const closed = {
      firstAt: new Date(0),
      lastAt: new Date(0),
      lastSequence: 1,
      lastMac: Buffer.alloc(32),
      isClosed: true,
    }
    for (const id of ids) foreign.stated(foreign.choose([{ ...closed, stream: id }], () => false))
    const again = [ids[0] ?? '', ids[1] ?? ''].map((stream) => ({ ...closed, stream }))
    expect(foreign.choose(again, () => false)).toMatchObject([{ stream: ids[0] }])
  })
})

/** A store with this many open streams of other processes, whose ids come after those of a test's trail. */
async function storeWithStreams(count: number) {
  const inner = memoryStore()
  const template = testTrail({ randomBytes: () => Buffer.alloc(16, 0x77) })
  await template.trail.record(event)
  const [row] = await rowsOf(template.store)
  if (row === undefined) throw new Error('There is no row.')
  for (const n of range(count)) await inner.audit.append([{ ...row, stream: streamId(n + 1_001) }])
  return { store: inner, row }
}
