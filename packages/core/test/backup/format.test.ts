// The bytes of archives: a frozen one stays readable, the page alone is enough to read them, and nothing shows.
import { writingIn } from '@mcpvault/testkit/canary'
import { operatorPrincipal } from '@mcpvault/testkit/vaults'
import { describe, expect, it } from 'vitest'
import { decodeEntry } from '../../src/backup/decode-entry.ts'
import { type Entry, encodeEntry } from '../../src/backup/entries.ts'
import { archiveTo, restore, verifyBackup } from '../../src/backup/index.ts'
import { generateKey, keyRing } from '../../src/providers/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { fullSecret, sampleAuditRow, sampleCheckpoint, sampleDataKey } from '../../src/testing/index.ts'
import vector from '../vectors/archive.json' with { type: 'json' }
import { archived, memorySink, sourceOf, vaultOn } from './archives.ts'
import { readByPage } from './read-by-page.ts'

const frozen = Buffer.from(vector.archive, 'base64')
const frozenKeys = keyRing({ current: vector.key.id, keys: { [vector.key.id]: vector.key.base64url } })

describe('the frozen archive', () => {
  it('[S7] is read by the page alone', () => {
    const { header, entries } = readByPage(frozen, Buffer.from(vector.key.base64url, 'base64url'))
    expect(header).toEqual(vector.header)
    expect(entries).toEqual(vector.entries)
  })

  it('[S7] opens, and comes back in a store', async () => {
    const verified = await verifyBackup({ from: sourceOf(frozen), keys: frozenKeys })
    expect(verified).toMatchObject({ ok: true, id: vector.header.archive, secrets: 1, versions: 2, keyIds: ['main#1'] })
    const to = memoryStore()
    await restore({ from: sourceOf(frozen), to, keys: frozenKeys })
    const alice = vaultOn(to, { keys: frozenKeys }).as({ id: 'alice' }).scope({ server: 'github' })
    for (const [index, value] of vector.values.token.entries())
      expect((await alice.get('token', { version: index + 1 }))?.reveal()).toBe(value)
  })
})

describe('an archive of now', () => {
  it('[S7] of several frames is read by the page alone', async () => {
    const key = generateKey()
    const keys = keyRing({ current: 'main#1', keys: { 'main#1': key } })
    const store = memoryStore()
    const scope = vaultOn(store, { keys }).as({ id: 'alice' }).scope({ server: 'github' })
    for (let index = 0; index < 4; index++) await scope.set(`secret ${index}`, Buffer.alloc(50_000, index))
    const { bytes, report } = await archived(store, { keys })
    const { header, entries } = readByPage(bytes, Buffer.from(key, 'base64url'))
    expect(header).toMatchObject({ archive: report.id, createdAt: report.createdAt.toISOString() })
    const names = entries.filter(({ kind }) => kind === 3).map(({ fields }) => fields['name'])
    expect(names.sort()).toEqual([0, 1, 2, 3].map((index) => `secret ${index}`))
    expect(entries.at(-1)).toMatchObject({ kind: 7, fields: { keyIds: ['main#1'], entries: { secret: 4 } } })
  })

  it('[A38] shows no value, name, owner, server, tag or description without the key', async () => {
    const key = generateKey()
    const keys = keyRing({ current: 'main#1', keys: { 'main#1': key } })
    const store = memoryStore()
    const vault = vaultOn(store, { keys })
    const canaries = ['value', 'secret-name', 'owner', 'server', 'tag', 'description', 'grantee'].map(
      (what) => `canary-of-the-${what}-7f3a`,
    )
    const [value = '', name = '', owner = '', server = '', tag = '', description = '', grantee = ''] = canaries
    const scope = vault.as({ id: owner }).scope({ server })
    await scope.set(name, value, { tags: [tag], description })
    await scope.share(name, { with: grantee, permission: 'read' })
    const sink = memorySink()
    await vault.operator(operatorPrincipal).backup({ to: archiveTo(sink) })
    await vault.close()
    for (const canary of [...canaries, key])
      expect(writingIn(sink.bytes(), Buffer.from(canary)), canary).toBeUndefined()
    expect(writingIn(sink.bytes(), Buffer.from(key, 'base64url'))).toBeUndefined()
    // The names are in there, so that their absence above says something.
    const { entries } = readByPage(sink.bytes(), Buffer.from(key, 'base64url'))
    const content = JSON.stringify(entries)
    for (const canary of [name, owner, server, tag, description, grantee]) expect(content).toContain(canary)
    expect(content).not.toContain(value)
    const to = memoryStore()
    await restore({ from: sourceOf(sink.bytes()), to, keys })
    expect((await vaultOn(to, { keys }).as({ id: owner }).scope({ server }).get(name))?.reveal()).toBe(value)
  })

  it('has another key and other bytes each time', async () => {
    const store = memoryStore()
    await vaultOn(store).as({ id: 'alice' }).scope().set('token', 'x')
    const [first, second] = [await archived(store), await archived(store)]
    expect(first.report.id).not.toBe(second.report.id)
    expect(first.bytes.subarray(500, 600).equals(second.bytes.subarray(500, 600))).toBe(false)
  })
})

describe('an entry', () => {
  const entries: readonly Entry[] = [
    { kind: 'meta', key: 'vault-id', value: Buffer.alloc(16, 1) },
    { kind: 'keyAhead', row: sampleDataKey() },
    { kind: 'dataKey', row: { ...sampleDataKey(), state: 'retired' } },
    { kind: 'secret', record: fullSecret() },
    { kind: 'checkpoint', checkpoint: sampleCheckpoint() },
    { kind: 'auditRow', row: sampleAuditRow() },
    { kind: 'auditRow', row: { ...sampleAuditRow(), redaction: Buffer.alloc(32, 7) } },
  ]

  it.each(entries)('of kind $kind is read back as it was', (entry) => {
    const decoded = decodeEntry(encodeEntry(entry).subarray(4))
    // Buffers and other Uint8Arrays of the same bytes are the same.
    expect(JSON.parse(JSON.stringify(decoded))).toEqual(JSON.parse(JSON.stringify(buffered(entry))))
  })

  it.each([
    ['has no kind', '00', 'VAULT_ENVELOPE_UNSUPPORTED'],
    ['is of an unknown kind', '63000000027b7d', 'VAULT_ENVELOPE_UNSUPPORTED'],
    ['has no fields', '01', 'VAULT_ENVELOPE_INVALID'],
    ['has fields that are no object', '01000000025b5d', 'VAULT_ENVELOPE_INVALID'],
    ['lacks a field', '01000000027b7d', 'VAULT_ENVELOPE_INVALID'],
    ['lacks a byte string', '01000000097b226b6579223a31227d', 'VAULT_ENVELOPE_INVALID'],
    ['is cut off', '0100000009', 'VAULT_ENVELOPE_INVALID'],
    ['is cut off within a length', '010000', 'VAULT_ENVELOPE_INVALID'],
  ])('that %s is refused', (_, hex, code) => {
    expect(() => decodeEntry(Buffer.from(hex, 'hex'))).toThrow(expect.objectContaining({ code }))
  })
})

function buffered(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value)
  if (value instanceof Date || typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(buffered)
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, buffered(each)]))
}
