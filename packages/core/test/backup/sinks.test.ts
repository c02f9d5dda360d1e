// Where archives go: two places at once, each of which may fail alone, and files that are never overwritten.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { operatorPrincipal } from '@mcpvault/testkit/vaults'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  type ArchiveSink,
  archiveTo,
  fileSink,
  fileSource,
  type SinkLike,
  verifyBackup,
} from '../../src/backup/index.ts'
import { manualClock } from '../../src/testing/index.ts'
import { failingSink, keys, livedIn, type MemorySink, memorySink, sourceOf, vaultOn } from './archives.ts'

async function backUpTo(sinks: SinkLike | readonly SinkLike[], clock = manualClock()) {
  const vault = vaultOn(await livedIn(), { clock })
  try {
    return await vault.operator(operatorPrincipal).backup({ to: archiveTo(sinks) })
  } finally {
    await vault.close()
  }
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'mcpvault-backup-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A sink that fails at its close, and that keeps what it has. */
function endless(failAt: 'close' | 'abort'): ArchiveSink {
  const fail = () => Promise.reject(new Error('connection reset'))
  return { write: () => undefined, close: fail, ...(failAt === 'abort' && { abort: fail }) }
}

const isWhole = async (sink: MemorySink) => (await verifyBackup({ from: sourceOf(sink.bytes()), keys })).ok

describe('two sinks', () => {
  it('[T41] get the same archive', async () => {
    const [a, b] = [memorySink(), memorySink()]
    const { failedSinks, bytes } = await backUpTo([a, b])
    expect(failedSinks).toEqual([])
    expect(a.bytes().equals(b.bytes())).toBe(true)
    expect([a.bytes().length, a.state, b.state]).toEqual([bytes, 'closed', 'closed'])
  })

  it.each([
    [0, 'write'],
    [1, 'write'],
    [0, 'close'],
    [1, 'close'],
  ] as const)('[T41] fail alone: number %i at its %s', async (place, failAt) => {
    const error = new Error('disk full')
    const [whole, failing] = [memorySink(), failingSink(failAt, error)]
    const { failedSinks } = await backUpTo(place === 0 ? [failing, whole] : [whole, failing])
    expect(failedSinks).toEqual([{ sink: place, error }])
    expect(await isWhole(whole)).toBe(true)
    expect(failing.state).toBe('aborted')
  })

  it('[T41] that both fail are an error with the first one as its cause, and no archive is remembered', async () => {
    const error = new Error('disk full')
    const vault = vaultOn(await livedIn())
    const to = archiveTo([failingSink('write', error), failingSink('write')])
    const backup = vault.operator(operatorPrincipal).backup({ to })
    await expect(backup).rejects.toMatchObject({ code: 'VAULT_STORE_FAILED', cause: error, retryable: true })
    expect((await vault.operator(operatorPrincipal).census()).archives).toBe(0)
    await vault.close()
  })

  it.each([
    ['that both fail at their close and keep nothing', [failingSink('close'), failingSink('close')], 0],
    ['of which one fails at its close and cannot say what it kept', [failingSink('close'), endless('close')], 1],
    ['of which one fails to remove what it has', [failingSink('close'), endless('abort')], 1],
  ] as const)('[T41] %s', async (_, sinks, archives) => {
    const vault = vaultOn(await livedIn())
    const operator = vault.operator(operatorPrincipal)
    await expect(operator.backup({ to: archiveTo(sinks) })).rejects.toMatchObject({ code: 'VAULT_STORE_FAILED' })
    expect((await operator.census()).archives).toBe(archives)
    await vault.close()
  })

  it('[T41] of which one is whole when the signal ends the other are an archive that the vault knows', async () => {
    const vault = vaultOn(await livedIn())
    const operator = vault.operator(operatorPrincipal)
    const controller = new AbortController()
    const whole = memorySink()
    const hangs: ArchiveSink = {
      write: () => undefined,
      close() {
        setImmediate(() => controller.abort(new Error('enough')))
        return new Promise(() => {})
      },
      abort: () => undefined,
    }
    const backup = operator.backup({ to: archiveTo([whole, hangs]), signal: controller.signal })
    await expect(backup).rejects.toThrow('enough')
    expect(await isWhole(whole)).toBe(true)
    expect((await operator.census()).archives).toBe(1)
    await vault.close()
  })

  it('are not one and the same, which would get all bytes twice', () => {
    const sink = memorySink()
    expect(() => archiveTo([sink, sink])).toThrow(TypeError)
  })

  it('[T41] do not wait for one that does not answer longer than its limit', async () => {
    const clock = manualClock()
    let asked = () => {}
    const isAsked = new Promise<void>((resolve) => {
      asked = resolve
    })
    const silent: ArchiveSink = {
      write() {
        asked()
        return new Promise(() => {})
      },
      close: () => undefined,
    }
    const whole = memorySink()
    const backup = backUpTo([silent, whole], clock)
    await isAsked
    clock.advance(60_000)
    const { failedSinks } = await backup
    expect(failedSinks).toMatchObject([{ sink: 0, error: { code: 'VAULT_STORE_FAILED' } }])
    expect(await isWhole(whole)).toBe(true)
  })

  it('each get more only after all have taken what came before', async () => {
    let underWay = 0
    let maxUnderWay = 0
    const slow = (): ArchiveSink => ({
      async write() {
        maxUnderWay = Math.max(maxUnderWay, ++underWay)
        await new Promise((resolve) => setImmediate(resolve))
        underWay -= 1
      },
      close: () => undefined,
    })
    await backUpTo([slow(), slow()])
    expect(maxUnderWay).toBe(2)
  })

  it('may be streams of the Web', async () => {
    const parts: Uint8Array[] = []
    const stream = new WritableStream<Uint8Array>({
      write(part) {
        parts.push(part)
      },
    })
    await backUpTo(stream)
    expect((await verifyBackup({ from: sourceOf(Buffer.concat(parts)), keys })).ok).toBe(true)
  })

  it.each([[[]], [[{}]], [[{ write: () => undefined }]], [undefined], [['file']]])('must be sinks: %j', (sinks) => {
    // As plain JavaScript would call it.
    expect(() => archiveTo(JSON.parse(JSON.stringify({ sinks })).sinks)).toThrow(TypeError)
  })

  it('have a limit of their own', () => {
    expect(() => archiveTo(memorySink(), { sinkTimeoutMs: 0 })).toThrow(
      expect.objectContaining({ code: 'VAULT_CONFIG_INVALID' }),
    )
    expect(() => archiveTo(memorySink(), { sinkTimeoutMs: 0.5 })).toThrow(TypeError)
  })
})

describe('a file', () => {
  it('[T41] is whole, readable by its owner alone, and the only one in its folder', async () => {
    const folder = newFolder()
    const path = join(folder, 'monday.mcvault')
    const { bytes, failedSinks } = await backUpTo(fileSink(path))
    expect(failedSinks).toEqual([])
    expect(readdirSync(folder)).toEqual(['monday.mcvault'])
    expect(statSync(path)).toMatchObject({ size: bytes })
    if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(await verifyBackup({ from: fileSource(path), keys })).toMatchObject({ ok: true, secrets: 3 })
  })

  it.each(['monday.mcvault', 'monday.mcvault.partial'])('is not written over one that is there: %s', async (name) => {
    const folder = newFolder()
    writeFileSync(join(folder, name), 'precious')
    const backup = backUpTo(fileSink(join(folder, 'monday.mcvault')))
    await expect(backup).rejects.toMatchObject({ code: 'VAULT_STORE_FAILED', cause: { code: 'VAULT_CONFLICT' } })
    expect(readFileSync(join(folder, name), 'utf8')).toBe('precious')
    expect(readdirSync(folder)).toEqual([name])
  })

  it('is gone when the backup fails', async () => {
    const folder = newFolder()
    const path = join(folder, 'monday.mcvault')
    const sink = fileSink(path)
    await sink.write(Buffer.alloc(10))
    expect(existsSync(`${path}.partial`)).toBe(true)
    await sink.abort?.(new Error('enough'))
    expect(readdirSync(folder)).toEqual([])
  })

  it('is gone when the backup fails while it is being opened', async () => {
    const folder = newFolder()
    const sink = fileSink(join(folder, 'monday.mcvault'))
    const writing = Promise.resolve(sink.write(Buffer.alloc(10))).catch(() => undefined)
    await sink.abort?.(new Error('enough'))
    await writing
    expect(readdirSync(folder)).toEqual([])
  })

  it('that is not there ends the reading with the error of the system', async () => {
    const from = fileSource(join(newFolder(), 'absent.mcvault'))
    await expect(verifyBackup({ from, keys })).rejects.toMatchObject({ code: 'ENOENT' })
  })
})
