// Heads that checkpoints state, gathered and compared.
import { describe, expect, it } from 'vitest'
import { noteSigner, type StreamHead } from '../../src/audit/checkpoint/note.ts'
import type { AuditRow, Checkpoint } from '../../src/contracts/index.ts'
import { checkpointSeed, keys, streamId, verifyStore } from './support.ts'
import { change, isAt, one, rewritten, storeOf, two, twoStreams } from './tampering.ts'

describe('checkpoints', () => {
  const signer = noteSigner({ seed: checkpointSeed, vaultId: keys.vaultId })

  it('are checked with the public key alone', async () => {
    const { store, publicKey } = await twoStreams()
    const report = await verifyStore(store, { publicKey, checkpointSeed: undefined })
    expect(report).toMatchObject({ ok: true, checkpoints: 1 })
  })

  it('are reported when they are not what was signed', async () => {
    const { rows, checkpoint } = await twoStreams()
    if (checkpoint === undefined) throw new Error('There is no checkpoint.')
    const forged = { ...checkpoint, note: checkpoint.note.replace(` 4 `, ` 3 `) }
    const report = await verifyStore(await storeOf(rows, [forged]))
    expect(report.problems).toEqual([{ problem: 'checkpoint', checkpoint: checkpoint.id }])
    expect(report.checkpoints).toBe(0)
  })

  it('find a cut tail that the store no longer remembers, when they were kept elsewhere', async () => {
    const { rows, checkpoint } = await twoStreams()
    const cut = await storeOf(rows.filter((row) => row.stream !== one || row.sequence < 3))
    expect(await verifyStore(cut)).toMatchObject({ ok: true })
    const checkpoints = checkpoint === undefined ? [] : [checkpoint]
    expect((await verifyStore(cut, { checkpoints })).problems).toEqual([
      { problem: 'truncated', stream: one, sequence: 3 },
    ])
  })

  it('find a row that differs from the one they saw', async () => {
    const { rows } = await twoStreams()
    const heads = [{ stream: one, sequence: 3, mac: Buffer.alloc(32, 5) }]
    const stored = signer.sign({ createdAt: new Date(0), heads })
    expect((await verifyStore(await storeOf(rows, [stored]))).problems).toEqual([
      { problem: 'head', stream: one, sequence: 3 },
    ])
    expect((await verifyStore(await storeOf(rows), { checkpoints: [stored] })).problems).toEqual([
      { problem: 'head', stream: one, sequence: 3 },
    ])
  })

  it('count by the latest stored head of a stream, and by every kept one', async () => {
    const { rows } = await twoStreams()
    const wrong = signer.sign({
      createdAt: new Date(1),
      heads: [{ stream: one, sequence: 1, mac: Buffer.alloc(32, 5) }],
    })
    const right = signer.sign({
      createdAt: new Date(2),
      heads: rows.filter(isAt(one, 3)).map(({ stream, sequence, mac }) => ({ stream, sequence, mac })),
    })
    const report = await verifyStore(await storeOf(rows, [wrong, right]))
    expect(report).toMatchObject({ ok: true, checkpoints: 2 })
    const both = await verifyStore(await storeOf(rows, [right]), { checkpoints: [wrong, right] })
    expect(both.problems).toEqual([{ problem: 'head', stream: one, sequence: 1 }])
  })

  it('that contradict each other are found', async () => {
    const { rows } = await twoStreams()
    const [a, b] = [5, 6].map((fill) =>
      signer.sign({ createdAt: new Date(fill), heads: [{ stream: one, sequence: 1, mac: Buffer.alloc(32, fill) }] }),
    )
    const genuine = signer.sign({
      createdAt: new Date(2),
      heads: rows.filter(isAt(one, 1)).map(({ stream, sequence, mac }) => ({ stream, sequence, mac })),
    })
    const checkpoints = [genuine, a, b].flatMap((checkpoint) => checkpoint ?? [])
    expect((await verifyStore(await storeOf(rows), { checkpoints })).problems).toEqual([
      { problem: 'head', stream: one, sequence: 1 },
    ])
  })

  it('list missing streams in order, once each', async () => {
    const head = (n: number) => ({ stream: streamId(n), sequence: 0, mac: Buffer.alloc(32) })
    const stored = signer.sign({ createdAt: new Date(0), heads: [head(9), head(8)] })
    const kept = signer.sign({ createdAt: new Date(1), heads: [head(8), head(7)] })
    const report = await verifyStore(await storeOf([], [stored]), { checkpoints: [kept] })
    expect(report.problems.map((found) => 'stream' in found && found.stream)).toEqual([7, 8, 9].map(streamId))
  })

  it('are read in pages', async () => {
    const { rows } = await twoStreams()
    const notes = [1, 2, 3, 4].map((ms) => signer.sign({ createdAt: new Date(ms), heads: [] }))
    expect(await verifyStore(await storeOf(rows, notes), { pageRows: 2 })).toMatchObject({ ok: true, checkpoints: 4 })
  })
})

describe('heads that a checkpoint only saw', () => {
  const signer = noteSigner({ seed: checkpointSeed, vaultId: keys.vaultId })
  const seenHead = (sequence: number, mac: Uint8Array = Buffer.alloc(32, 5)) =>
    ({ stream: one, sequence, mac, seen: true }) as const
  const sign = (ms: number, ...heads: readonly StreamHead[]) => signer.sign({ createdAt: new Date(ms), heads })

  /** Both ways in which a checkpoint can come: from the store, or kept elsewhere. */
  async function verifyBothWays(rows: readonly AuditRow[], checkpoint: Checkpoint) {
    const stored = await verifyStore(await storeOf(rows, [checkpoint]))
    const kept = await verifyStore(await storeOf(rows), { checkpoints: [checkpoint] })
    expect(kept).toEqual(stored)
    return stored
  }

  it('are no problem when the rows are as they say', async () => {
    const { rows } = await twoStreams()
    const heads = rows.filter(isAt(one, 3)).map(({ mac }) => seenHead(3, mac))
    const report = await verifyBothWays(rows, sign(0, ...heads))
    expect(report).toMatchObject({ ok: true, events: 8, unseen: [two] })
  })

  it('[T47] that contradict a genuine row name their checkpoint, and the stream is checked to its end', async () => {
    const { rows } = await twoStreams()
    const checkpoint = sign(0, seenHead(2))
    const report = await verifyBothWays(rows, checkpoint)
    expect(report).toMatchObject({ ok: false, events: 8, problemCount: 1 })
    expect(report.problems).toEqual([{ problem: 'head', stream: one, sequence: 2, seenBy: checkpoint.id }])
  })

  it('do not hide a bad row after the one they contradict', async () => {
    const { rows } = await twoStreams()
    const checkpoint = sign(0, seenHead(2))
    const bad = change(rows, isAt(one, 4), rewritten)
    expect((await verifyBothWays(bad, checkpoint)).problems).toEqual([
      { problem: 'head', stream: one, sequence: 2, seenBy: checkpoint.id },
      { problem: 'mac', stream: one, sequence: 4 },
    ])
  })

  it('[T47] find a cut tail that the writer of the stream no longer states, and name their checkpoint', async () => {
    const { rows } = await twoStreams()
    const checkpoint = sign(0, seenHead(4))
    const cut = rows.filter((row) => row.stream !== one || row.sequence < 3)
    const report = await verifyBothWays(cut, checkpoint)
    expect(report.problems).toEqual([{ problem: 'truncated', stream: one, sequence: 3, seenBy: checkpoint.id }])
    expect(report.events).toBe(6)
  })

  it('[T47] find a stream that is gone, and name their checkpoint', async () => {
    const { rows } = await twoStreams()
    const checkpoint = sign(0, seenHead(4))
    const gone = rows.filter((row) => row.stream !== one)
    expect((await verifyBothWays(gone, checkpoint)).problems).toEqual([
      { problem: 'missing-stream', stream: one, seenBy: checkpoint.id },
    ])
  })

  it('count less than what the writer of the stream states', async () => {
    const { rows, checkpoint: own } = await twoStreams()
    const seen = sign(0, seenHead(9))
    const cut = rows.filter((row) => row.stream !== one || row.sequence < 3)
    expect((await verifyStore(await storeOf(cut, [own, seen]))).problems).toEqual([
      { problem: 'truncated', stream: one, sequence: 3 },
    ])
    const gone = rows.filter((row) => row.stream !== one)
    expect((await verifyStore(await storeOf(gone, [own, seen]))).problems).toEqual([
      { problem: 'missing-stream', stream: one },
    ])
    const wrong = sign(1, { ...seenHead(3), seen: undefined })
    expect((await verifyStore(await storeOf(rows, [wrong, sign(2, seenHead(3))]))).problems).toEqual([
      { problem: 'head', stream: one, sequence: 3 },
    ])
  })

  it('take no place of what the writer of the stream states', async () => {
    const { rows, checkpoint: own } = await twoStreams()
    const seen = sign(0, seenHead(9))
    const report = await verifyStore(await storeOf(rows, [own, seen]))
    expect(report.problems).toEqual([{ problem: 'truncated', stream: one, sequence: 5, seenBy: seen.id }])
  })

  it('are reported once for each stream', async () => {
    const { rows } = await twoStreams()
    const checkpoints = [1, 2, 9].map((sequence) => sign(sequence, seenHead(sequence)))
    const report = await verifyStore(await storeOf(rows), { checkpoints })
    expect(report.problems).toEqual([{ problem: 'head', stream: one, sequence: 1, seenBy: checkpoints[0]?.id }])
  })
})
