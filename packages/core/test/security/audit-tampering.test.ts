// The trail of a whole vault, changed through the store: the operator's check names the stream and the event.

import { operatorPrincipal, testVault } from '@mcpvault/testkit/vaults'
import { describe, expect, it } from 'vitest'
import type { AuditRow, AuditStore, VaultStore } from '../../src/contracts/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'

type Change = (rows: readonly AuditRow[], at: number) => readonly AuditRow[]

/** Each changes a stream at one event; the place where it shows, counted from that event. */
const changes: readonly (readonly [string, Change, number])[] = [
  ['an edited event', (rows, at) => replaced(rows, at, (row) => ({ ...row, body: edited(row.body) })), 0],
  ['an edited column', (rows, at) => replaced(rows, at, withColumns), 0],
  ['a deleted event', (rows, at) => rows.filter((_, index) => index !== at), 0],
  ['an inserted event', (rows, at) => [...rows.slice(0, at), inserted(rows, at), ...rows.slice(at)].map(renumbered), 0],
  ['two events in another order', (rows, at) => swapped(rows, at).map(renumbered), 0],
  ['an event of another mac', (rows, at) => replaced(rows, at, (row) => ({ ...row, mac: new Uint8Array(32) })), 0],
]

describe('verifyAudit of an operator', () => {
  it('[T47] finds nothing wrong with a trail that nobody touched', async () => {
    const { vault } = await usedVault()
    expect(await vault.operator(operatorPrincipal).verifyAudit()).toMatchObject({ ok: true, problems: [] })
  })

  it.each(changes)('[T47] names stream and index of %s', async (_, change, shift) => {
    const { other, store, trail } = await usedVault()
    const { stream, rows } = await longestStream(store)
    const at = 2
    trail.serve(stream, change(rows, at))
    const report = await other().operator(operatorPrincipal).verifyAudit()
    expect(report.ok).toBe(false)
    expect(report.problems).toEqual([expect.objectContaining({ stream, sequence: at + shift })])
  })

  it('[T47] names the stream and the first index that is gone of a tail that a checkpoint saw', async () => {
    const { vault, other, store, trail } = await usedVault()
    await vault.close()
    const { stream, rows } = await longestStream(store)
    trail.serve(stream, rows.slice(0, -2))
    const { problems } = await other().operator(operatorPrincipal).verifyAudit()
    expect(problems).toEqual([{ problem: 'truncated', stream, sequence: rows.length - 2 }])
  })

  it('[T47] names a stream that a checkpoint saw and that is gone', async () => {
    const { vault, other, store, trail } = await usedVault()
    await vault.close()
    const { stream } = await longestStream(store)
    trail.serve(stream, [])
    const { problems } = await other().operator(operatorPrincipal).verifyAudit()
    expect(problems).toEqual([{ problem: 'missing-stream', stream }])
  })
})

describe('the erasure of a user', () => {
  it.each(['keep', 'pseudonymise'] as const)(
    '[S5][S17] with trail %s leaves every event, and all verify',
    async (trail) => {
      const { vault, store, scope } = await usedVault()
      await scope('bob').share('token', { with: 'alice', permission: 'read' })
      const before = (await allRows(store)).length
      const operator = vault.operator(operatorPrincipal)
      const report = await operator.eraseOwner('alice', { trail })
      expect(report).toMatchObject({ dataKeys: 1, secrets: 1, grants: 1, refused: 0 })
      const rows = await allRows(store)
      expect(rows.length).toBeGreaterThan(before)
      expect(await operator.verifyAudit()).toMatchObject({ ok: true, problems: [], redacted: report.pseudonymised })
      const named = rows.filter(({ columns }) => columns.principal === 'alice')
      if (trail === 'keep') expect(named.length).toBeGreaterThan(0)
      else expect(bodiesOf(rows).includes('"alice"')).toBe(false)
      expect(await store.secrets.list({ owner: 'alice', limit: 10 })).toEqual([])
      expect(await store.dataKeys.list({ owner: 'alice', limit: 10 })).toEqual([])
      expect((await scope('bob').get('token'))?.reveal()).toBe('of bob')
    },
  )
})

/** A vault with a history, on a store whose answers about the trail can be exchanged. */
async function usedVault() {
  const plain = memoryStore()
  const trail = lyingTrail(plain.audit)
  const test = testVault({ store: { ...plain, audit: trail.audit } })
  await test.scope('alice').set('token', 'of alice')
  await test.scope('bob').set('token', 'of bob')
  for (let read = 0; read < 4; read++) await test.scope('alice').get('token')
  return { ...test, trail }
}

function lyingTrail(audit: AuditStore) {
  const lies = new Map<string, readonly AuditRow[]>()
  const lying: AuditStore = {
    ...audit,
    async readAll(options) {
      const rows = await audit.readAll({ limit: 1_000 })
      const shown = rows.map(({ stream }) => stream).filter((stream, at, all) => all.indexOf(stream) === at)
      return shown
        .flatMap((stream) => lies.get(stream) ?? rows.filter((row) => row.stream === stream))
        .filter((row) => options.from === undefined || row.stream >= options.from.stream)
        .slice(0, options.limit)
    },
  }
  return {
    audit: lying,
    serve(stream: string, rows: readonly AuditRow[]) {
      lies.set(stream, rows)
    },
  }
}

async function longestStream(store: VaultStore): Promise<{ stream: string; rows: readonly AuditRow[] }> {
  const [longest] = [...(await store.audit.streams({ limit: 100 }))].sort((a, b) => b.lastSequence - a.lastSequence)
  if (longest === undefined) throw new Error('There is no stream.')
  const { stream } = longest
  return { stream, rows: await store.audit.readStream(stream, { limit: 1_000, afterSequence: -1 }) }
}

function bodiesOf(rows: readonly AuditRow[]): Buffer {
  return Buffer.concat(rows.map(({ body }) => body))
}

async function allRows(store: VaultStore): Promise<readonly AuditRow[]> {
  const newestFirst = await store.audit.query({}, { limit: 1_000 })
  return [...newestFirst].reverse()
}

function replaced(rows: readonly AuditRow[], at: number, change: (row: AuditRow) => AuditRow): readonly AuditRow[] {
  return rows.map((row, index) => (index === at ? change(row) : row))
}

function edited(body: Uint8Array): Uint8Array {
  return Buffer.from(Buffer.from(body).toString('utf8').replace('alice', 'carol').replace('mcpvault', 'mcpvaulT'))
}

function withColumns(row: AuditRow): AuditRow {
  return { ...row, columns: { ...row.columns, principal: 'carol' } }
}

function inserted(rows: readonly AuditRow[], at: number): AuditRow {
  const copy = rows[at]
  if (copy === undefined) throw new Error('The stream is too short.')
  return { ...copy, mac: new Uint8Array(32).fill(7) }
}

function swapped(rows: readonly AuditRow[], at: number): readonly AuditRow[] {
  const [one, two] = [rows[at], rows[at + 1]]
  if (one === undefined || two === undefined) throw new Error('The stream is too short.')
  return [...rows.slice(0, at), two, one, ...rows.slice(at + 2)]
}

function renumbered(row: AuditRow, sequence: number): AuditRow {
  return { ...row, sequence }
}
