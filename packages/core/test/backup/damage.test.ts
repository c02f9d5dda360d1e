// Archives that are not what was written: any flipped bit, cut, splice or reordering is found before anything is written.
import { operatorPrincipal, testPolicy } from '@mcpvault/testkit/vaults'
import { beforeAll, describe, expect, it } from 'vitest'
import { archiveTo, restore, verifyBackup } from '../../src/backup/index.ts'
import type { VaultStore } from '../../src/contracts/index.ts'
import { createVault } from '../../src/create-vault.ts'
import { isVaultError } from '../../src/errors/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { manualClock, recordingStore } from '../../src/testing/index.ts'
import { archived, keys, livedIn, memorySink, sourceOf, vaultOn } from './archives.ts'

const sealedFrame = 65_536 + 16

/** The store of an archive of several frames, and the archive. */
async function longArchive(): Promise<{
  readonly store: VaultStore
  readonly bytes: Buffer
  readonly framesAt: number
}> {
  const store = memoryStore()
  const vault = vaultOn(store)
  const scope = vault.as({ id: 'alice' }).scope({ server: 'github' })
  for (let index = 0; index < 5; index++) await scope.set(`secret ${index}`, Buffer.alloc(60_000, index))
  const sink = memorySink()
  await vault.operator(operatorPrincipal).backup({ to: archiveTo(sink) })
  await vault.close()
  const bytes = sink.bytes()
  return { store, bytes, framesAt: 8 + bytes.readUInt32BE(4) + 32 }
}

/** What comes of restoring damaged bytes: whether it was refused, and what was written. */
async function attempt(bytes: Uint8Array): Promise<{ readonly refused: boolean; readonly written: readonly string[] }> {
  const to = recordingStore(memoryStore())
  const refused = await restore({ from: sourceOf(bytes), to, keys }).then(
    () => false,
    (error: unknown) => isVaultError(error),
  )
  return { refused, written: to.calls }
}

/** An archive of nothing but a header, in the canonical form. */
function headerOf(fields: Readonly<Record<string, unknown>>): Buffer {
  const createdAt = '2026-01-01T00:00:00.000Z'
  const names = {
    archive: '0'.repeat(32),
    createdAt,
    fingerprints: {},
    vault: '0'.repeat(32),
    wraps: ['AAAA'],
    ...fields,
  }
  const json = Buffer.from(JSON.stringify(names))
  const preamble = Buffer.from('4d43410100000000', 'hex')
  preamble.writeUInt32BE(json.length, 4)
  return Buffer.concat([preamble, json])
}

const stopped = { refused: true, written: [] }

describe('an archive of one frame', () => {
  it('[T41] is refused with any byte flipped and when it was cut off, before anything is written', async () => {
    const store = memoryStore()
    // Without a trail, since every byte costs a restore.
    const vault = createVault({ keys, store, policy: testPolicy, audit: { mode: 'dangerously-off' } })
    await vault.as({ id: 'alice' }).scope({ server: 'github' }).set('token', 'a value')
    const sink = memorySink()
    await vault.operator(operatorPrincipal).backup({ to: archiveTo(sink) })
    const bytes = sink.bytes()
    expect(bytes.length).toBeLessThan(3_000)
    for (let at = 0; at < bytes.length; at++) {
      const damaged = Buffer.from(bytes)
      damaged[at] = (damaged[at] ?? 0) ^ (1 << (at % 8))
      expect(await attempt(damaged), `byte ${at}`).toEqual(stopped)
      if (at % 4 === 0) expect(await attempt(bytes.subarray(0, at)), `cut after ${at} bytes`).toEqual(stopped)
    }
    expect(await attempt(bytes)).toMatchObject({ refused: false })
  })
})

describe('an archive of several frames', () => {
  let long: Awaited<ReturnType<typeof longArchive>>
  let other: Buffer
  beforeAll(async () => {
    long = await longArchive()
    other = (await archived(long.store)).bytes
  })

  const frameAt = (bytes: Buffer, index: number): Buffer => {
    const from = long.framesAt + index * sealedFrame
    return bytes.subarray(from, from + sealedFrame)
  }

  it('[T41] is refused when it was cut off at the end of any frame, or within one', async () => {
    const cuts: number[] = []
    for (let at = long.framesAt; at < long.bytes.length; at += sealedFrame) cuts.push(at, at + 1, at + 5_000)
    expect(cuts.length).toBeGreaterThan(12)
    for (const cut of [0, 3, 8, 100, ...cuts, long.bytes.length - 1]) {
      if (cut < long.bytes.length) expect(await attempt(long.bytes.subarray(0, cut)), `cut at ${cut}`).toEqual(stopped)
    }
  })

  it('[T41] is refused when frames were exchanged, repeated or left out', async () => {
    const { bytes, framesAt } = long
    const head = bytes.subarray(0, framesAt)
    const frames = Array.from({ length: 4 }, (_, index) => frameAt(bytes, index))
    const rest = bytes.subarray(framesAt + 4 * sealedFrame)
    const [first, second, third, fourth] = frames
    for (const order of [
      [second, first, third, fourth],
      [first, third, second, fourth],
      [first, second, second, third, fourth],
      [first, second, fourth],
      [second, third, fourth],
    ]) {
      const parts = order.filter((frame) => frame !== undefined)
      expect(await attempt(Buffer.concat([head, ...parts, rest]))).toEqual(stopped)
    }
    expect(await attempt(Buffer.concat([head, ...frames, rest]))).toMatchObject({ refused: false })
  })

  it('[T41] is refused with something after its end', async () => {
    expect(await attempt(Buffer.concat([long.bytes, Buffer.from([0])]))).toEqual(stopped)
    expect(await attempt(Buffer.concat([long.bytes, frameAt(long.bytes, 0)]))).toEqual(stopped)
  })

  it('[T41] is refused with a frame, or the header, of another archive of the same vault', async () => {
    const { bytes, framesAt } = long
    const otherFramesAt = 8 + other.readUInt32BE(4) + 32
    expect(otherFramesAt).toBe(framesAt)
    const spliced = Buffer.from(bytes)
    frameAt(other, 1).copy(spliced, framesAt + sealedFrame)
    expect(await attempt(spliced)).toEqual(stopped)
    expect(await attempt(Buffer.concat([other.subarray(0, framesAt), bytes.subarray(framesAt)]))).toEqual(stopped)
  })

  it('is read whatever the pieces that it comes in', async () => {
    for (const pieceBytes of [1_000, sealedFrame, 1_000_000]) {
      expect(await verifyBackup({ from: sourceOf(long.bytes, pieceBytes), keys })).toMatchObject({
        ok: true,
        secrets: 5,
      })
    }
  })
})

describe('a source', () => {
  it('may use its memory again for the next piece', async () => {
    const { bytes } = await longArchive()
    const from = async function* () {
      const memory = Buffer.alloc(7_000)
      for (let at = 0; at < bytes.length; at += memory.length) {
        const length = bytes.copy(memory, 0, at, at + memory.length)
        yield memory.subarray(0, length)
      }
    }
    expect(await verifyBackup({ from, keys })).toMatchObject({ ok: true, secrets: 5 })
  })

  it.each([
    ['is no archive', Buffer.from('not an archive at all'), 'VAULT_ENVELOPE_INVALID'],
    ['is empty', Buffer.alloc(0), 'VAULT_ENVELOPE_INVALID'],
    ['is of a later format', Buffer.from('4d434102000000024d4d', 'hex'), 'VAULT_ENVELOPE_UNSUPPORTED'],
    ['says that its header is huge', Buffer.from('4d434101ffffffff', 'hex'), 'VAULT_ENVELOPE_INVALID'],
    ['has a header that is no JSON', Buffer.from('4d434101000000027b7b', 'hex'), 'VAULT_ENVELOPE_INVALID'],
    ['has a date that is none', headerOf({ createdAt: 'yesterday' }), 'VAULT_ENVELOPE_INVALID'],
    ['has a date that never was', headerOf({ createdAt: '2026-02-31T00:00:00.000Z' }), 'VAULT_ENVELOPE_INVALID'],
    ['has no wrap of its key', headerOf({ wraps: [] }), 'VAULT_ENVELOPE_INVALID'],
    ['has a wrap that is none', headerOf({ wraps: [''] }), 'VAULT_ENVELOPE_INVALID'],
    ['has more than it may have', headerOf({ zip: 'bomb' }), 'VAULT_ENVELOPE_INVALID'],
  ])('that %s is refused', async (_, bytes, code) => {
    await expect(verifyBackup({ from: sourceOf(bytes), keys })).rejects.toMatchObject({ code })
  })

  it('that gives anything but bytes is a mistake of the program', async () => {
    const from = JSON.parse('["text"]')
    await expect(verifyBackup({ from: () => from, keys })).rejects.toBeInstanceOf(TypeError)
    const texts = async function* () {
      yield from[0]
    }
    await expect(verifyBackup({ from: texts, keys })).rejects.toBeInstanceOf(TypeError)
  })

  it('that fails ends the restore with its own error, and is closed', async () => {
    const { bytes } = await archived(await livedIn())
    let closed = 0
    const from = async function* () {
      try {
        yield bytes.subarray(0, 2_000)
        throw new Error('connection reset')
      } finally {
        closed += 1
      }
    }
    const to = recordingStore(memoryStore())
    await expect(restore({ from, to, keys })).rejects.toThrow('connection reset')
    expect([closed, to.calls]).toEqual([1, []])
  })

  it('that gives nothing for a minute is an error, and is not waited for', async () => {
    const clock = manualClock()
    let asked = () => {}
    const isAsked = new Promise<void>((resolve) => {
      asked = resolve
    })
    const silent = async function* () {
      asked()
      yield await new Promise<Uint8Array>(() => {})
    }
    const verifying = verifyBackup({ from: silent, keys, clock })
    await isAsked
    clock.advance(60_000)
    await expect(verifying).rejects.toMatchObject({ code: 'VAULT_STORE_FAILED', retryable: true })
  })

  it.each(['when it is opened', 'when it is closed'] as const)(
    'that does not answer %s is not waited for',
    async (when) => {
      const clock = manualClock()
      let asked = () => {}
      const isAsked = new Promise<void>((resolve) => {
        asked = resolve
      })
      const hang = () => {
        asked()
        return new Promise<never>(() => {})
      }
      const cut = (): AsyncIterable<Uint8Array> => ({
        [Symbol.asyncIterator]: () => ({
          next: () => Promise.resolve({ done: false as const, value: Buffer.from('not an archive at all') }),
          return: hang,
        }),
      })
      const from = when === 'when it is opened' ? hang : cut
      const verifying = verifyBackup({ from, keys, clock })
      await isAsked
      clock.advance(60_000)
      await expect(verifying).rejects.toMatchObject({ code: 'VAULT_STORE_FAILED', retryable: true })
      const controller = new AbortController()
      const stopping = verifyBackup({ from, keys, clock, signal: controller.signal })
      controller.abort(new Error('enough'))
      await expect(stopping).rejects.toThrow('enough')
    },
  )

  it('that gives another archive the second time is refused', async () => {
    const store = await livedIn()
    const [first, second] = [await archived(store), await archived(store)]
    let opened = 0
    const from = () => sourceOf(opened++ === 0 ? first.bytes : second.bytes)()
    const to = recordingStore(memoryStore())
    await expect(restore({ from, to, keys })).rejects.toMatchObject({ code: 'VAULT_CONFLICT' })
    expect(to.calls).toEqual([])
  })
})
