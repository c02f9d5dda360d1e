// The audit rows that a store has yet to write: neither those that are there nor repeats, and no forks.
import { expect, it } from 'vitest'
import { missingAuditRows } from '../../src/adapter/index.ts'
import { sampleAuditRow } from '../../src/testing/index.ts'

const mac = (value: number): Uint8Array => new Uint8Array(32).fill(value)
const first = { ...sampleAuditRow({ stream: 'a', sequence: 0 }), mac: mac(1) }
const second = { ...sampleAuditRow({ stream: 'a', sequence: 1 }), mac: mac(2) }
const other = { ...sampleAuditRow({ stream: 'b', sequence: 1 }), mac: mac(3) }
const rows = [first, second, other]

it('are all of them where nothing is stored', () => {
  expect(missingAuditRows([])).toEqual([])
  expect(missingAuditRows([first])).toEqual([first])
  expect(missingAuditRows(rows)).toEqual(rows)
  expect(missingAuditRows(rows, [undefined, undefined, undefined])).toEqual(rows)
})

it('leave out what is stored with the same mac', () => {
  expect(missingAuditRows(rows, [undefined, mac(2), undefined])).toEqual([first, other])
  expect(missingAuditRows([first], [mac(1)])).toEqual([])
})

it('have a row once that comes twice', () => {
  const again = { ...first, mac: mac(1) }
  expect(missingAuditRows([first, second, again])).toEqual([first, second])
  expect(missingAuditRows([first, again], [mac(1), mac(1)])).toEqual([])
})

it.each([
  ['a stored row', rows, [undefined, undefined, mac(9)]],
  ['the only stored row', [first], [mac(9)]],
  ['a row of the same batch', [first, second, { ...first, mac: mac(9) }], undefined],
  ['a row that comes twice, where one was stored', [first, { ...first, mac: mac(9) }], [mac(1), mac(1)]],
])('are undefined for a fork of %s', (_name, forking, stored) => {
  expect(missingAuditRows(forking, stored)).toBeUndefined()
})
