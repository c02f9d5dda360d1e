// A file system that fails under the JSONL sink: no line is ever glued to half of another.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { jsonlSink } from '../../src/audit/index.ts'
import { event, numbered, rowsOf, testTrail } from './support.ts'

const script = vi.hoisted(() => ({ appends: [] as ('half' | 'all')[], syncs: [] as ('fail' | 'work')[], closed: 0 }))

// The real file system, except that a write or a sync fails when a test says so.
vi.mock(import('node:fs/promises'), async (original) => {
  const real = await original()
  const open: typeof real.open = async (...args) => {
    const file = await real.open(...args)
    const { appendFile, datasync, close } = file
    file.appendFile = async (text, ...rest) => {
      if (script.appends.shift() !== 'half') return Reflect.apply(appendFile, file, [text, ...rest])
      await Reflect.apply(appendFile, file, [String(text).slice(0, 50), ...rest])
      throw new Error('The disk is full.')
    }
    file.datasync = async () => {
      if (script.syncs.shift() === 'fail') throw new Error('The disk is gone.')
      return Reflect.apply(datasync, file, [])
    }
    file.close = async () => {
      script.closed += 1
      return Reflect.apply(close, file, [])
    }
    return file
  }
  return { ...real, open }
})

let folder = ''
let path = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'audit-'))
  path = join(folder, 'audit.jsonl')
  Object.assign(script, { appends: [], syncs: [], closed: 0 })
})

afterEach(() => rm(folder, { recursive: true, force: true }))

it('begins a new line after a write that failed half way', async () => {
  script.appends.push('half')
  const { trail } = testTrail({ store: undefined, sinks: [jsonlSink({ path })] })
  await expect(trail.record(numbered(1))).rejects.toMatchObject({ cause: { message: 'The disk is full.' } })
  await trail.record(numbered(2))
  await trail.record(numbered(3))
  const lines = (await readFile(path, 'utf8')).split('\n')
  expect(lines[0]).toHaveLength(50)
  expect(lines.slice(1, -1).map((line) => JSON.parse(line).count)).toEqual([undefined, 1, 2, 3])
  expect(lines.at(-1)).toBe('')
})

it('does not answer before the disk has the lines', async () => {
  script.syncs.push('fail')
  const { trail, store } = testTrail()
  await trail.record(event)
  const rows = await rowsOf(store)
  const sink = jsonlSink({ path })
  await expect(sink.write(rows, {})).rejects.toThrow('The disk is gone.')
  await sink.write(rows, {})
  expect((await readFile(path, 'utf8')).split('\n')).toHaveLength(6)
  await sink.close?.()
  expect(script.closed).toBe(1)
})

it('leaves no file open that it refuses', async () => {
  const refused = Promise.resolve(jsonlSink({ path: '/dev/null' }).write([], {}))
  await expect(refused).rejects.toMatchObject({ code: 'VAULT_CONFIG_INVALID', field: 'path' })
  expect(script.closed).toBe(1)
})
