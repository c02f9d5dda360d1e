// Verification: what is found, where, and what it reports.
import { describe, expect, it } from 'vitest'
import type { AuditRow, AuditStore } from '../../src/contracts/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { event, streamId, testTrail, verifyStore, write } from './support.ts'
import { altered, flip, one, storeOf, two, twoStreams } from './tampering.ts'

describe('verifyAudit', () => {
  it('[T47] finds nothing wrong with a sound trail, and counts it', async () => {
    const { store } = await twoStreams()
    expect(await verifyStore(store)).toEqual({
      ok: true,
      streams: 2,
      events: 8,
      redacted: 0,
      checkpoints: 1,
      unclosed: 0,
      unseen: [one, two],
      unseenCount: 2,
      problems: [],
      problemCount: 0,
    })
  })

  it('finds nothing wrong with an empty trail', async () => {
    expect(await verifyStore(memoryStore())).toMatchObject({ ok: true, streams: 0, events: 0, checkpoints: 0 })
  })

  it('reports one row for each stream, the first', async () => {
    const { rows } = await twoStreams()
    const bad = rows.map((row) => (row.sequence > 0 ? { ...row, mac: flip(row.mac) } : row))
    const report = await verifyStore(await storeOf(bad))
    expect(report).toMatchObject({ events: 2, problemCount: 2 })
    expect(report.problems).toEqual([
      { problem: 'mac', stream: one, sequence: 1 },
      { problem: 'mac', stream: two, sequence: 1 },
    ])
  })

  it('tells which streams are still open', async () => {
    const { trail, verify } = testTrail()
    await trail.record(event)
    expect(await verify()).toMatchObject({ ok: true, unclosed: 1 })
  })

  it('leaves out the open streams of the trail that verifies, and no other', async () => {
    const parts = testTrail()
    const { trail, store } = parts
    await trail.record(event)
    await write(parts, 1)
    const { isWriting } = trail
    const own = { ok: true, streams: 2, unclosed: 0, unseen: [], unseenCount: 0 }
    expect(await verifyStore(store, { isWriting })).toMatchObject(own)

    const other = testTrail({ store, randomBytes: () => Buffer.alloc(16, 0x99) })
    await other.trail.record(event)
    const foreign = { ok: true, streams: 3, unclosed: 1, unseen: ['99'.repeat(16)], unseenCount: 1 }
    expect(await verifyStore(store, { isWriting })).toMatchObject(foreign)

    await trail.close()
    expect([1, 2].map(streamId).map(isWriting)).toEqual([false, false])
    await other.trail.close()
  })

  it('tells which streams no checkpoint of another process states', async () => {
    const store = memoryStore()
    const first = testTrail({ store, randomBytes: () => Buffer.alloc(16, 0x99) })
    await first.trail.record(event)
    await first.trail.close()
    expect(await verifyStore(store)).toMatchObject({ unseen: ['99'.repeat(16)], unseenCount: 1 })
    const second = testTrail({ store })
    await second.trail.record(event)
    await second.trail.close()
    expect(await verifyStore(store)).toMatchObject({ ok: true, checkpoints: 2, unseen: [one], unseenCount: 1 })
  })

  it('counts every stream that no other process saw, and lists the first thousand', async () => {
    const { rows } = await twoStreams()
    const streams = Array.from({ length: 1_001 }, (_, n) =>
      rows.slice(0, 1).map((row) => ({ ...row, stream: streamId(n) })),
    )
    const report = await verifyStore(await storeOf(streams.flat()))
    expect(report.unseenCount).toBe(1_001)
    expect(report.unseen).toHaveLength(1_000)
  })

  it('verifies in pages of any size, and says how far it is', async () => {
    const { store } = await twoStreams()
    for (const pageRows of [1, 2, 3, 5, 100]) {
      const done: number[] = []
      const report = await verifyStore(store, { pageRows, onProgress: (progress) => done.push(progress.done) })
      expect(report).toMatchObject({ ok: true, events: 8, streams: 2, checkpoints: 1 })
      expect(done.at(-1)).toBe(8)
      expect(done).toEqual(done.toSorted((a, b) => a - b))
    }
  })

  it('asks for no more than a page', async () => {
    const { store } = await twoStreams()
    const limits: number[] = []
    const spied = altered(store, {
      readAll(options) {
        limits.push(options.limit)
        return store.audit.readAll(options)
      },
    })
    await verifyStore(spied, { pageRows: 3 })
    // The first row of a page but the first is the last one of the page before.
    expect(limits).toEqual([3, 4, 4])
    await verifyStore(spied)
    expect(limits.at(-1)).toBe(1_000)
  })

  it('hands the signal to the store, and stops when it is aborted', async () => {
    const { store } = await twoStreams()
    const controller = new AbortController()
    const signals: unknown[] = []
    const spied = altered(store, {
      readAll(options) {
        signals.push(options.signal)
        controller.abort(new Error('enough'))
        return store.audit.readAll(options)
      },
    })
    await expect(verifyStore(spied, { signal: controller.signal, pageRows: 1 })).rejects.toThrow('enough')
    expect(signals).toEqual([controller.signal])
  })

  it('lets other work of the process go on between the pages', async () => {
    const { store } = await twoStreams()
    const seen: number[] = []
    const ticks = setInterval(() => seen.push(1), 0)
    await verifyStore(store, {
      pageRows: 1,
      onProgress: () => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3),
    })
    clearInterval(ticks)
    expect(seen.length).toBeGreaterThan(0)
  })

  it('is not led in circles by a store that repeats a page', async () => {
    const { store, rows } = await twoStreams()
    const page = rows.filter(({ stream }) => stream === one).slice(0, 3)
    const looping = altered(store, { readAll: () => page })
    const report = await verifyStore(looping, { pageRows: 2 })
    expect(report.problems[0]).toEqual({ problem: 'order', stream: one, sequence: 3 })
  })

  it('finds rows of a stream that come after those of another one', async () => {
    const { store, rows } = await twoStreams()
    const [first, second, ...rest] = rows
    const torn = altered(store, { readAll: () => [first, ...rest, second].flatMap((row) => row ?? []) })
    const { problems } = await verifyStore(torn)
    expect(problems).toContainEqual({ problem: 'gap', stream: one, sequence: 1 })
    expect(problems).toContainEqual({ problem: 'order', stream: one, sequence: 0 })
  })

  it('reports rows out of order', async () => {
    const { store, rows } = await twoStreams()
    const page = rows.filter(({ stream }) => stream === one)
    const [first, second] = page
    const doubled = altered(store, { readAll: () => [first, second, second].flatMap((row) => row ?? []) })
    expect((await verifyStore(doubled)).problems).toContainEqual({ problem: 'order', stream: one, sequence: 2 })
  })

  it('finds a second row in one place, also where two pages meet', async () => {
    const { rows } = await twoStreams()
    for (const at of rows.keys()) {
      const doubled = await storeOf(rows)
      const all = rows.flatMap((row, index) => (index === at ? [row, { ...row, mac: flip(row.mac) }] : [row]))
      const serving = altered(doubled, { readAll: served(all) })
      const { stream, sequence } = rows[at] ?? { stream: '', sequence: 0 }
      for (const pageRows of [1, 2, 3, 100]) {
        const { problems } = await verifyStore(serving, { pageRows })
        expect(problems).toEqual([{ problem: 'order', stream, sequence: sequence + 1 }])
      }
    }
  })

  it('asks for the list of streams nowhere', async () => {
    const { store } = await twoStreams()
    const unlisted = altered(store, { streams: () => [] })
    expect(await verifyStore(unlisted)).toMatchObject({ ok: true, streams: 2, events: 8 })
  })

  it('[T47] compares the lists of a store that keeps its own, part by part, under the signal', async () => {
    const { store, rows } = await twoStreams()
    const { signal } = new AbortController()
    const [hidden, gone, last] = [rows[1], { stream: two, sequence: 7 }, { stream: streamId(9), sequence: 0 }]
    const signals: unknown[] = []
    const asked: unknown[] = []
    const lists: AuditStore['lists'] = {
      unlisted(page, options) {
        signals.push(options?.signal)
        return page.filter(({ stream, sequence }) => stream === hidden?.stream && sequence === hidden.sequence)
      },
      strays({ after, ...options }) {
        signals.push(options.signal)
        asked.push(after)
        if (after === undefined) return { strays: [gone], next: 'second' }
        return after === 'second' ? { strays: [], next: 'third' } : { strays: [last], next: undefined }
      },
    }
    const report = await verifyStore(altered(store, { lists }), { pageRows: 3, signal })
    expect(report).toMatchObject({ ok: false, events: 8, problemCount: 3 })
    expect(report.problems).toEqual([
      { problem: 'unlisted', stream: one, sequence: 1 },
      { problem: 'stray', ...gone },
      { problem: 'stray', ...last },
    ])
    expect(asked).toEqual([undefined, 'second', 'third'])
    expect(signals).toEqual(Array(6).fill(signal))
  })

  it('asks for no checkpoint after one without a time, nor once the signal is aborted', async () => {
    const { store, checkpoint } = await twoStreams()
    if (checkpoint === undefined) throw new Error('There is no checkpoint.')
    const controller = new AbortController()
    const asked: unknown[] = []
    const answering = (given: typeof checkpoint, act: () => void) =>
      altered(store, {
        checkpoints({ after }) {
          asked.push(after)
          act()
          return asked.length < 5 ? [given] : []
        },
      })
    const timeless = answering({ ...checkpoint, createdAt: new Date(Number.NaN) }, () => undefined)
    expect((await verifyStore(timeless, { pageRows: 1 })).problems).toMatchObject([{ problem: 'checkpoint' }])
    expect(asked).toHaveLength(1)
    const aborting = answering(checkpoint, () => controller.abort(new Error('enough')))
    const { signal } = controller
    await expect(verifyStore(aborting, { pageRows: 1, signal })).rejects.toThrow('enough')
    expect(asked).toHaveLength(2)
  })

  it('needs a key for checkpoints', async () => {
    await expect(verifyStore(memoryStore(), { checkpointSeed: undefined })).rejects.toThrow(TypeError)
    await expect(verifyStore(memoryStore(), { publicKey: 'AAAA' })).rejects.toThrow(TypeError)
    await expect(verifyStore(memoryStore(), { checkpointSeed: Buffer.alloc(31) })).rejects.toThrow(TypeError)
  })

  it('counts every problem and lists the first thousand', async () => {
    const { checkpoint } = await twoStreams()
    const bad = { ...(checkpoint ?? { createdAt: new Date(0), note: '' }), note: 'forged' }
    const checkpoints = Array.from({ length: 1_001 }, (_, n) => ({ ...bad, id: streamId(n) }))
    const report = await verifyStore(memoryStore(), { checkpoints })
    expect(report.problemCount).toBe(1_001)
    expect(report.problems).toHaveLength(1_000)
    expect(report.problems[999]).toEqual({ problem: 'checkpoint', checkpoint: streamId(999) })
  })
})

/** A store's answer from rows in this order, as a database without unique places gives it. */
function served(rows: readonly AuditRow[]): AuditStore['readAll'] {
  return ({ limit, from }) => {
    const start =
      from === undefined
        ? 0
        : rows.findIndex(({ stream, sequence }) =>
            stream === from.stream ? sequence >= from.sequence : stream > from.stream,
          )
    return start === -1 ? [] : rows.slice(start, start + limit)
  }
}
