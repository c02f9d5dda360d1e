// The seal of an event: frozen bytes, and which rows of a page are genuine.
import { createSecretKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { eventColumns } from '../../src/audit/log/columns.ts'
import { encodeEvent, readEvent } from '../../src/audit/log/event.ts'
import { redactRow } from '../../src/audit/log/redact.ts'
import { checkRows, sealKey } from '../../src/audit/log/seal.ts'
import type { AuditRow } from '../../src/contracts/index.ts'
import sealed from './sealed-vectors.json' with { type: 'json' }
import { keys, numbered, range, rowsOf, streamId, testTrail } from './support.ts'
import vectors from './vectors.json' with { type: 'json' }

/** Newest first, as a page has them. */
async function genuineRows(): Promise<readonly AuditRow[]> {
  const { trail, store } = testTrail()
  for (const n of range(5)) await trail.record(numbered(n))
  return (await rowsOf(store)).toReversed()
}

/** The places of what is untrusted when the third row of the page becomes these. */
async function untrustedAfter(change: (row: AuditRow, rows: readonly AuditRow[]) => readonly AuditRow[]) {
  const rows = await genuineRows()
  const changed = rows.flatMap((row, index) => (index === 2 ? change(row, rows) : [row]))
  const checked = checkRows(keys, changed)
  expect(checked.length).toBe(changed.length)
  return checked.flatMap((each) => ('event' in each ? [] : [[each.stream, each.sequence]]))
}

const text = ({ body }: AuditRow): string => Buffer.from(body).toString('utf8')
const withText = (row: AuditRow, body: string): AuditRow => ({ ...row, body: Buffer.from(body) })
const one = streamId(1)

describe('checkRows', () => {
  it('takes every row of the vault, and gives its event', async () => {
    const rows = await genuineRows()
    const checked = checkRows(keys, rows)
    expect(checked.map(({ sequence }) => sequence)).toEqual([5, 4, 3, 2, 1, 0])
    const counts = checked.map((each) => ('event' in each ? each.event.count : each.state))
    expect(counts).toEqual([4, 3, 2, 1, 0, undefined])
  })

  it('takes a redacted row whose proof holds, and no other', async () => {
    const redact = (row: AuditRow) => redactRow({ ...keys, row, user: 'alice' }) ?? row
    expect(await untrustedAfter((row) => [redact(row)])).toEqual([])
    expect(await untrustedAfter((row) => [{ ...redact(row), redaction: Buffer.alloc(32) }])).toEqual([[one, 3]])
    const renamed = (row: AuditRow) => withText(redact(row), text(redact(row)).replace('erased-', 'erased+'))
    expect(await untrustedAfter((row) => [renamed(row)])).toEqual([[one, 3]])
  })

  it.each<readonly [string, (row: AuditRow, rows: readonly AuditRow[]) => readonly AuditRow[]]>([
    ['edited', (row) => [withText(row, text(row).replace('"alice"', '"carol"'))]],
    ['edited together with its columns', (row) => [rewritten(row)]],
    ['without a seal', (row) => [withText(row, text(row).replace(/,"seal":"[^"]+"/, ''))]],
    [
      'with the seal of another',
      (row, rows) => [withText(row, text(row).replace(sealIn(row), sealIn(rows[1] ?? row)))],
    ],
    ['empty', (row) => [{ ...row, body: new Uint8Array() }]],
    ['shorter than a seal', (row) => [withText(row, '{}')]],
    ['a seal alone', (row) => [withText(row, `,"seal":"${sealIn(row)}"}`)]],
    ['in another place', (row) => [{ ...row, sequence: 9 }]],
    ['in another stream', (row) => [{ ...row, stream: streamId(2) }]],
    ['in a place that is none', (row) => [{ ...row, sequence: -1 }]],
    ['with another column', (row) => [{ ...row, columns: { ...row.columns, principal: 'carol' } }]],
    ['with a column more', (row) => [{ ...row, columns: { ...row.columns, correlationId: 'x' } }]],
    ['at another time', (row) => [{ ...row, columns: { ...row.columns, at: new Date(1) } }]],
    ['at no time', (row) => [{ ...row, columns: { ...row.columns, at: new Date(Number.NaN) } }]],
  ])('refuses a row that is %s', async (_, change) => {
    const untrusted = await untrustedAfter(change)
    expect(untrusted).toHaveLength(1)
  })

  it('refuses the copy of a row in the same place', async () => {
    expect(await untrustedAfter((row) => [row, row])).toEqual([[one, 3]])
  })

  it('says of a row that it refuses only where it stands and when it says it was, and keeps its original', async () => {
    const [row] = await genuineRows()
    if (row === undefined) throw new Error('There is no row.')
    const { stream, sequence, columns } = row
    const [original, copy] = checkRows(keys, [row, row])
    expect(original).toMatchObject({ stream, sequence, event: { count: 4 } })
    expect(copy).toEqual({ state: 'untrusted', at: columns.at, stream, sequence })
  })

  it('refuses the rows of another vault', async () => {
    const rows = await genuineRows()
    const elsewhere = checkRows({ ...keys, vaultId: Buffer.alloc(16, 0xb0) }, rows)
    expect(elsewhere.filter((each) => 'event' in each)).toEqual([])
  })
})

describe('sealKey', () => {
  it('is the frozen one', () => {
    const root = createSecretKey(Buffer.from(vectors.root, 'hex'))
    const vaultId = Buffer.from(vectors.vaultId, 'hex')
    expect(sealKey({ root, vaultId }).export().toString('hex')).toBe(sealed.sealKey)
  })
})

/** Says something else in body and columns, under the old seal. */
function rewritten(row: AuditRow): AuditRow {
  const record = readEvent(text(row))
  if (record === undefined) throw new Error('The row holds no event.')
  const other = { ...record, event: { ...record.event, principal: 'carol' } }
  const body = `${encodeEvent(other).toString('utf8').slice(0, -1)},"seal":"${sealIn(row)}"}`
  return { ...withText(row, body), columns: eventColumns(other) }
}

function sealIn(row: AuditRow): string {
  return /"seal":"([^"]+)"/.exec(text(row))?.[1] ?? ''
}
