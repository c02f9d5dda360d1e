// The sinks that come with the package: a private file, a logger, a function.
import { chmod, mkdtemp, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type AuditRecord, auditEventSchema, callbackSink, jsonlSink, loggerSink } from '../../src/audit/index.ts'
import { encodeHex } from '../../src/bytes/index.ts'
import { check } from './json-schema.ts'
import { auditFailed, codeOf, event, numbered, rowsOf, testTrail } from './support.ts'

let folder = ''
let path = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'audit-'))
  path = join(folder, 'audit.jsonl')
})

afterEach(() => rm(folder, { recursive: true, force: true }))

async function sampleRows(count = 2) {
  const { trail, store } = testTrail()
  for (let n = 1; n < count; n++) await trail.record(numbered(n))
  return rowsOf(store)
}

const pathRefused = (detail: string) => ({
  code: 'VAULT_CONFIG_INVALID',
  field: 'path',
  detail: expect.stringContaining(detail),
})

const linesOf = async () => (await readFile(path, 'utf8')).split('\n')

describe('jsonlSink', () => {
  it('is durable, and touches the file system at the first event only', async () => {
    const sink = jsonlSink({ path })
    expect(sink).toMatchObject({ id: 'jsonl', durable: true })
    await sink.close?.()
    await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('writes one line an event, the exact body and then the mac, into a file for the owner alone', async () => {
    const rows = await sampleRows(3)
    const sink = jsonlSink({ path })
    await sink.write(rows.slice(0, 2), {})
    await sink.write(rows.slice(2), {})
    await sink.close?.()
    const expected = rows.map(
      ({ body, mac }) => `${Buffer.from(body).toString().slice(0, -1)},"mac":"${encodeHex(mac)}"}`,
    )
    expect(await linesOf()).toEqual([...expected, ''])
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    for (const line of expected) expect(check(auditEventSchema, JSON.parse(line))).toEqual([])
  })

  it('appends to what is there', async () => {
    await writeFile(path, 'before\n', { mode: 0o600 })
    const sink = jsonlSink({ path })
    await sink.write(await sampleRows(), {})
    await sink.close?.()
    expect((await linesOf())[0]).toBe('before')
    expect(await linesOf()).toHaveLength(4)
  })

  it.each([0o640, 0o604, 0o620, 0o602, 0o610, 0o601])('refuses a file with mode %o', async (mode) => {
    await writeFile(path, '')
    await chmod(path, mode)
    const sink = jsonlSink({ path })
    const refused = Promise.resolve(sink.write(await sampleRows(), {}))
    await expect(refused).rejects.toMatchObject(pathRefused('Give it mode 0600'))
    expect(await readFile(path, 'utf8')).toBe('')
    await sink.close?.()
  })

  it('takes the file as soon as it is private', async () => {
    await writeFile(path, '')
    await chmod(path, 0o644)
    const sink = jsonlSink({ path })
    expect(await codeOf(Promise.resolve(sink.write(await sampleRows(), {})))).toBe('VAULT_CONFIG_INVALID')
    await chmod(path, 0o600)
    await sink.write(await sampleRows(), {})
    await sink.close?.()
    expect(await linesOf()).toHaveLength(3)
  })

  it.each(['renamed', 'removed', 'exchanged'])('begins a new private file when the old one was %s', async (how) => {
    const rows = await sampleRows(3)
    const sink = jsonlSink({ path })
    await sink.write(rows.slice(0, 2), {})
    if (how === 'removed') await rm(path)
    else await rename(path, `${path}.1`)
    if (how === 'exchanged') await writeFile(path, 'before\n', { mode: 0o600 })
    await sink.write(rows.slice(2), {})
    await sink.close?.()
    expect(await linesOf()).toHaveLength(how === 'exchanged' ? 3 : 2)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  })

  it.each(['changed', 'exchanged'])('refuses a file that others can read after it was %s', async (how) => {
    const rows = await sampleRows(3)
    const sink = jsonlSink({ path })
    await sink.write(rows.slice(0, 2), {})
    const before = await readFile(path, 'utf8')
    if (how === 'exchanged') await rename(path, `${path}.1`)
    if (how === 'exchanged') await writeFile(path, before)
    await chmod(path, 0o644)
    expect(await codeOf(Promise.resolve(sink.write(rows.slice(2), {})))).toBe('VAULT_CONFIG_INVALID')
    expect(await readFile(path, 'utf8')).toBe(before)
    await chmod(path, 0o600)
    await sink.write(rows.slice(2), {})
    await sink.close?.()
    expect(await linesOf()).toHaveLength(4)
  })

  it('refuses a link, and what is no file', async () => {
    const target = join(folder, 'target')
    await writeFile(target, '', { mode: 0o600 })
    await symlink(target, path)
    const linked = Promise.resolve(jsonlSink({ path }).write(await sampleRows(), {}))
    await expect(linked).rejects.toMatchObject(pathRefused('is a link'))
    expect(await readFile(target, 'utf8')).toBe('')
    const device = jsonlSink({ path: '/dev/null' })
    const refused = Promise.resolve(device.write(await sampleRows(), {}))
    await expect(refused).rejects.toMatchObject(pathRefused('not a regular file'))
  })

  it('does not mix two batches: one that comes too early is refused', async () => {
    const rows = await sampleRows(2)
    const sink = jsonlSink({ path })
    const first = sink.write(rows, {})
    await expect(Promise.resolve(sink.write(rows, {}))).rejects.toMatchObject(auditFailed('busy'))
    await first
    await sink.write(rows, {})
    await sink.close?.()
    expect(await linesOf()).toHaveLength(5)
  })

  it('serves as the durable sink of a trail without a store', async () => {
    const { trail } = testTrail({ store: undefined, sinks: [jsonlSink({ path })] })
    await trail.record(event)
    expect(await linesOf()).toHaveLength(3)
    await trail.close()
    const types = (await linesOf()).slice(0, -1).map((line) => JSON.parse(line).event_type)
    expect(types).toEqual(['audit.opened', 'secret.accessed', 'audit.closed'])
  })
})

describe('loggerSink', () => {
  it('tells a logger of each event under its common names', async () => {
    const lines: unknown[] = []
    const sink = loggerSink({ info: (fields, message) => lines.push([fields, message]) })
    expect(sink).toMatchObject({ id: 'logger', durable: false })
    await sink.write(await sampleRows(), {})
    expect(lines).toMatchObject([
      [{ event_type: 'audit.opened', sequence: 0 }, 'Audit event'],
      [{ event_type: 'secret.accessed', user_id: 'alice', secret_name: 'token' }, 'Audit event'],
    ])
  })
})

describe('callbackSink', () => {
  it('gives each batch of events and the signal to the function', async () => {
    const batches: unknown[] = []
    const sink = callbackSink((records: readonly AuditRecord[], { signal }) => void batches.push([records, signal]))
    expect(sink).toMatchObject({ id: 'callback', durable: false })
    const { signal } = new AbortController()
    await sink.write(await sampleRows(), { signal })
    expect(batches).toMatchObject([[[{ sequence: 0 }, { event: numbered(1), sequence: 1 }], signal]])
  })

  it('is what its options say', () => {
    expect(callbackSink(() => undefined, { id: 'siem', durable: true })).toMatchObject({ id: 'siem', durable: true })
  })

  it('fails when the function does', async () => {
    const sink = callbackSink(() => Promise.reject(new Error('The function fails.')))
    await expect(sink.write(await sampleRows(), {})).rejects.toThrow('The function fails.')
  })
})
