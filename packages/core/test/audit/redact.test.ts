// Redaction: pseudonyms replace names, the chain still holds, and forgeries are not covered up.
import { createSecretKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { redactUser } from '../../src/audit/index.ts'
import { decodeRow, eventColumns } from '../../src/audit/log/columns.ts'
import { encodeEvent, readEvent } from '../../src/audit/log/event.ts'
import { isRedactionProven, pseudonymOf, redactRow } from '../../src/audit/log/redact.ts'
import { encodeHex } from '../../src/bytes/index.ts'
import type { AuditEvent, AuditRow, VaultStore } from '../../src/contracts/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { event, keys, rowsOf, streamId, testTrail, verifyStore } from './support.ts'
import vectors from './vectors.json' with { type: 'json' }

const frozenKeys = {
  root: createSecretKey(Buffer.from(vectors.root, 'hex')),
  vaultId: Buffer.from(vectors.vaultId, 'hex'),
}

/** A row as a chain makes it, except that its mac is any. */
function rowOf(changes: Partial<AuditEvent>): AuditRow {
  const record = { event: { ...event, ...changes }, at: new Date(0), stream: streamId(1), sequence: 3 }
  return {
    stream: record.stream,
    sequence: 3,
    mac: Buffer.alloc(32, 7),
    body: encodeEvent(record),
    columns: eventColumns(record),
  }
}

describe('redactRow', () => {
  it('makes the frozen body and proof', () => {
    const { row: index, user, pseudonym, body, proof } = vectors.redaction
    const frozen = vectors.rows[index]
    const bytes = Buffer.from(frozen?.body ?? '')
    const record = readEvent(bytes.toString('utf8'))
    if (frozen === undefined || record === undefined) throw new Error('There is no such row.')
    const place = { stream: vectors.stream, sequence: index, mac: Buffer.from(frozen.mac, 'hex') }
    const redacted = redactRow({ ...frozenKeys, row: { ...place, body: bytes, columns: eventColumns(record) }, user })
    expect(pseudonymOf({ ...frozenKeys, user })).toBe(pseudonym)
    expect(Buffer.from(redacted?.body ?? []).toString()).toBe(body)
    expect(encodeHex(redacted?.redaction ?? Buffer.alloc(0))).toBe(proof)
    expect(redacted).toMatchObject(place)
  })

  const pseudonym = pseudonymOf({ ...keys, user: 'alice' })
  it.each([
    ['principal', { principal: 'alice', owner: 'bob' }, { principal: pseudonym, owner: 'bob' }],
    ['owner', { principal: 'bob', owner: 'alice' }, { principal: 'bob', owner: pseudonym }],
    [
      'grantee',
      { principal: 'bob', owner: 'carol', grantee: 'alice' },
      { principal: 'bob', owner: 'carol', grantee: pseudonym },
    ],
    [
      'all three',
      { principal: 'alice', owner: 'alice', grantee: 'alice' },
      { principal: pseudonym, owner: pseudonym, grantee: pseudonym },
    ],
  ])('replaces the user as %s, in body and columns', (_, before, after) => {
    const redacted = redactRow({ ...keys, row: rowOf(before), user: 'alice' })
    if (redacted === undefined) throw new Error('Nothing was redacted.')
    const record = decodeRow(redacted)
    expect(record.event).toEqual({ ...event, ...after })
    expect(redacted.columns).toEqual(eventColumns(record))
  })

  const from = { sourceIp: '192.0.2.1', userAgent: 'agent/1.0', correlationId: 'call-1', reason: 'on call' }
  it.each([
    ['of the user itself', 'alice', undefined],
    ['of another about the user', 'bob', from],
  ])('in an event %s, says %s came from %j', (_, principal, kept) => {
    const row = rowOf({ principal, owner: 'carol', grantee: 'alice', deploymentId: 'eu-1', ...from })
    const redacted = redactRow({ ...keys, row, user: 'alice' })
    if (redacted === undefined) throw new Error('Nothing was redacted.')
    const record = decodeRow(redacted)
    const { sourceIp, userAgent, correlationId, reason } = record.event
    const nothing = { sourceIp: undefined, userAgent: undefined, correlationId: undefined, reason: undefined }
    expect({ sourceIp, userAgent, correlationId, reason }).toEqual(kept ?? nothing)
    expect(record.event).toMatchObject({ action: 'secret.accessed', deploymentId: 'eu-1', grantee: pseudonym })
    expect(redacted.columns).toEqual(eventColumns(record))
  })

  it('replaces nothing else: a name that only looks alike stays', () => {
    const row = rowOf({ principal: 'alice2', owner: 'ALICE', name: 'alice', server: 'alice' })
    expect(redactRow({ ...keys, row, user: 'alice' })).toBeUndefined()
  })

  it('keeps a row without an owner without one', () => {
    const record = { action: 'audit.read', outcome: 'allowed', operation: 'auditLog', principal: 'alice' } as const
    const whole = { event: record, at: new Date(0), stream: streamId(1), sequence: 0 }
    const row = {
      stream: streamId(1),
      sequence: 0,
      mac: Buffer.alloc(32),
      body: encodeEvent(whole),
      columns: eventColumns(whole),
    }
    const redacted = redactRow({ ...keys, row, user: 'alice' })
    expect(Object.keys(redacted?.columns ?? {})).toEqual(['at', 'action', 'outcome', 'principal'])
  })

  it('refuses a row that holds no event', () => {
    const row = { ...rowOf({}), body: Buffer.from('{}') }
    expect(() => redactRow({ ...keys, row, user: 'alice' })).toThrow(
      expect.objectContaining({ code: 'VAULT_STORE_FAILED' }),
    )
  })
})

describe('pseudonymOf', () => {
  it('is the same for one user in one vault, and another everywhere else', () => {
    const names = [
      pseudonymOf({ ...keys, user: 'alice' }),
      pseudonymOf({ ...keys, user: 'bob' }),
      pseudonymOf({ ...keys, vaultId: Buffer.alloc(16, 1), user: 'alice' }),
      pseudonymOf({ ...keys, root: createSecretKey(Buffer.alloc(32, 5)), user: 'alice' }),
    ]
    expect(new Set(names).size).toBe(4)
    for (const name of names) expect(name).toMatch(/^erased-[0-9a-f]{16}$/)
    expect(pseudonymOf({ ...keys, user: 'alice' })).toBe(names[0])
  })
})

describe('isRedactionProven', () => {
  const redacted = redactRow({ ...keys, row: rowOf({}), user: 'alice' })
  it.each([
    ['the row itself', {}, true],
    ['another sequence', { sequence: 4 }, false],
    ['another stream', { stream: streamId(2) }, false],
    ['another mac', { mac: Buffer.alloc(32, 8) }, false],
    ['a longer mac', { mac: Buffer.alloc(33, 7) }, false],
    ['another body', { body: Buffer.from('{}') }, false],
    ['another proof', { redaction: Buffer.alloc(32) }, false],
    ['a shorter proof', { redaction: redacted?.redaction?.subarray(0, 31) ?? Buffer.alloc(0) }, false],
  ])('holds for %s: %j', (_, changes, holds) => {
    if (redacted === undefined) throw new Error('Nothing was redacted.')
    expect(isRedactionProven({ ...keys, row: { ...redacted, ...changes } })).toBe(holds)
  })

  it('holds for no row whose mac is not one, though the proof is of it', () => {
    const short = redactRow({ ...keys, row: { ...rowOf({}), mac: Buffer.alloc(31, 7) }, user: 'alice' })
    if (short === undefined) throw new Error('Nothing was redacted.')
    expect(isRedactionProven({ ...keys, row: short })).toBe(false)
  })

  it('holds for no row without a redaction, of another vault, or under another root', () => {
    if (redacted === undefined) throw new Error('Nothing was redacted.')
    expect(isRedactionProven({ ...keys, row: rowOf({}) })).toBe(false)
    expect(isRedactionProven({ ...keys, vaultId: Buffer.alloc(16), row: redacted })).toBe(false)
    expect(isRedactionProven({ ...keys, root: createSecretKey(Buffer.alloc(32)), row: redacted })).toBe(false)
  })
})

describe('redactUser', () => {
  const by = (principal: string, more: Partial<AuditEvent> = {}): AuditEvent => ({
    ...event,
    principal,
    owner: 'carol',
    ...more,
  })

  async function trailOf(events: readonly AuditEvent[]): Promise<VaultStore> {
    const { trail, store } = testTrail()
    for (const one of events) await trail.record(one)
    await trail.close()
    return store
  }

  async function storeOf(rows: readonly AuditRow[]): Promise<VaultStore> {
    const store = memoryStore()
    for (const row of rows) await store.audit.append([row])
    return store
  }

  const textOf = async (store: VaultStore) =>
    (await rowsOf(store)).map(({ body }) => Buffer.from(body).toString()).join()

  it('replaces a user everywhere, and the trail still verifies', async () => {
    const store = await trailOf([
      by('alice'),
      by('bob'),
      by('bob', { owner: 'alice' }),
      by('bob', { grantee: 'alice' }),
    ])
    let told = 0
    const onRedacted = () => {
      told += 1
    }
    for (const pageRows of [2, undefined]) {
      const report = await redactUser({ ...keys, store: store.audit, user: 'alice', pageRows, onRedacted })
      expect(report).toEqual({ redacted: pageRows === undefined ? 0 : 3, refused: 0 })
    }
    expect(told).toBe(3)
    expect(await textOf(store)).not.toContain('alice')
    expect(await textOf(store)).toContain('bob')
    expect(await verifyStore(store)).toMatchObject({ ok: true, events: 6, redacted: 3, checkpoints: 1 })
    expect(await store.audit.query({ principal: 'alice' }, { limit: 10 })).toEqual([])
    expect(await store.audit.query({ principal: pseudonymOf({ ...keys, user: 'alice' }) }, { limit: 10 })).toHaveLength(
      1,
    )
  })

  it('replaces one user after another in the same row', async () => {
    const store = await trailOf([by('alice', { grantee: 'bob' })])
    for (const user of ['alice', 'bob']) {
      expect(await redactUser({ ...keys, store: store.audit, user })).toEqual({ redacted: 1, refused: 0 })
    }
    const [, row] = await rowsOf(store)
    expect(row === undefined ? undefined : decodeRow(row).event).toMatchObject({
      principal: pseudonymOf({ ...keys, user: 'alice' }),
      grantee: pseudonymOf({ ...keys, user: 'bob' }),
    })
    expect(await verifyStore(store)).toMatchObject({ ok: true, redacted: 1 })
  })

  it('does not cover up a forgery: a row that does not verify stays as it is', async () => {
    const rows = await rowsOf(await trailOf([by('alice'), by('bob'), by('alice')]))
    const forged = rows.map((row) => {
      if (row.sequence !== 2) return row
      const record = decodeRow(row)
      const other = { ...record, event: { ...record.event, principal: 'alice' } }
      return { ...row, body: encodeEvent(other), columns: eventColumns(other) }
    })
    const store = await storeOf(forged)
    expect(await redactUser({ ...keys, store: store.audit, user: 'alice' })).toEqual({ redacted: 2, refused: 1 })
    expect((await verifyStore(store)).problems).toEqual([{ problem: 'mac', stream: streamId(1), sequence: 2 }])
  })

  it('goes on after a mac of a wrong length', async () => {
    const rows = await rowsOf(await trailOf([by('bob'), by('alice'), by('alice')]))
    for (const length of [0, 31, 40, 80]) {
      const store = await storeOf(
        rows.map((row) => (row.sequence === 1 ? { ...row, mac: Buffer.alloc(length, 1) } : row)),
      )
      // The row after it cannot be verified either, since its mac covers the one before.
      expect(await redactUser({ ...keys, store: store.audit, user: 'alice' })).toEqual({ redacted: 1, refused: 2 })
    }
  })

  it('stops in a stream where it cannot follow the chain', async () => {
    const rows = await rowsOf(await trailOf([by('alice'), by('bob'), by('alice')]))
    const store = await storeOf(rows.filter(({ sequence }) => sequence !== 2))
    expect(await redactUser({ ...keys, store: store.audit, user: 'alice' })).toEqual({ redacted: 1, refused: 1 })
    const audit = { ...store.audit, readAll: () => rows.slice(0, 1).flatMap((row) => [row, row]) }
    expect(await redactUser({ ...keys, store: audit, user: 'alice' })).toEqual({ redacted: 0, refused: 1 })
  })

  it('does nothing in an empty trail', async () => {
    const { audit } = memoryStore()
    expect(await redactUser({ ...keys, store: audit, user: 'alice' })).toEqual({ redacted: 0, refused: 0 })
  })

  it('refuses a stream whose id is none', async () => {
    const rows = await rowsOf(await trailOf([by('alice')]))
    const store = await storeOf(rows.map((row) => ({ ...row, stream: 'xyz' })))
    expect(await redactUser({ ...keys, store: store.audit, user: 'alice' })).toEqual({ redacted: 0, refused: 1 })
  })

  it('does not count a row that the store no longer has', async () => {
    const store = await trailOf([by('alice')])
    const audit = { ...store.audit, redact: () => false }
    expect(await redactUser({ ...keys, store: audit, user: 'alice' })).toEqual({ redacted: 0, refused: 0 })
  })

  it('hands the signal to the store, and stops when it is aborted', async () => {
    const store = await trailOf([by('alice'), by('alice')])
    const controller = new AbortController()
    const signals: unknown[] = []
    const audit: VaultStore['audit'] = {
      ...store.audit,
      redact(row, options) {
        signals.push(options?.signal)
        controller.abort(new Error('enough'))
        return store.audit.redact(row)
      },
    }
    const work = redactUser({ ...keys, store: audit, user: 'alice', signal: controller.signal, pageRows: 2 })
    await expect(work).rejects.toThrow('enough')
    expect(signals).toEqual([controller.signal])
  })
})
