// Audit rows that are appended once: neither those that are there nor repeats are written, and no forks.
import { describe, expect, it } from 'vitest'
import { appendOnce, missingAuditRows, refuseFork } from '../../src/adapter/index.ts'
import type { AuditRow } from '../../src/contracts/index.ts'
import { sampleAuditRow } from '../../src/testing/index.ts'

const mac = (value: number): Uint8Array => new Uint8Array(32).fill(value)
const first = { ...sampleAuditRow({ stream: 'a', sequence: 0 }), mac: mac(1) }
const second = { ...sampleAuditRow({ stream: 'a', sequence: 1 }), mac: mac(2) }
const other = { ...sampleAuditRow({ stream: 'b', sequence: 1 }), mac: mac(3) }
const rows = [first, second, other]

describe('the missing rows', () => {
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
})

/** A store of rows in memory, which notes what was written. */
function storeOf(stored: readonly AuditRow[]) {
  const macs = new Map(stored.map((row) => [placeOf(row), row.mac]))
  const written: (readonly AuditRow[])[] = []
  return {
    written,
    async write(missing: readonly AuditRow[]): Promise<'stored' | undefined> {
      if (missing.some((row) => macs.has(placeOf(row)))) return undefined
      for (const row of missing) macs.set(placeOf(row), row.mac)
      written.push(missing)
      return 'stored'
    },
    storedMacs: async (each: readonly AuditRow[]) => each.map((row) => macs.get(placeOf(row))),
  }
}

function placeOf({ stream, sequence }: AuditRow): string {
  return `${stream} ${sequence}`
}

describe('rows that are appended once', () => {
  it('are written at once where none is stored', async () => {
    const { written, write } = storeOf([])
    const storedMacs = () => Promise.reject(new Error('asked'))
    expect(await appendOnce(rows, { write, storedMacs })).toBe('stored')
    expect(written).toEqual([rows])
  })

  it('are written without those that are stored', async () => {
    const store = storeOf([{ ...second }])
    expect(await appendOnce(rows, store)).toBe('stored')
    expect(store.written).toEqual([[first, other]])
    expect(await appendOnce(rows, store)).toBe('stored')
    expect(store.written).toEqual([[first, other], []])
  })

  it.each([
    ['what is stored', [{ ...second, mac: mac(9) }], rows],
    ['each other', [], [first, second, { ...first, mac: mac(9) }]],
  ])('are forked, and none is written, when they contradict %s', async (_what, stored, forking) => {
    const store = storeOf(stored)
    expect(await appendOnce(forking, store)).toBe('forked')
    expect(store.written).toEqual([])
  })

  it('give the result of the write', async () => {
    expect(await appendOnce([], { ...storeOf([]), write: async () => false })).toBe(false)
  })

  it('are found once another writer has appended them meanwhile', async () => {
    const store = storeOf([])
    const write = async (missing: readonly AuditRow[]) => {
      if (missing.length > 0) await store.write(missing.slice(0, 1))
      return await store.write(missing)
    }
    expect(await appendOnce(rows, { ...store, write })).toBe('stored')
    expect(store.written.flat()).toEqual(rows)
  })

  it('fail for now when writers come in between again and again', async () => {
    let attempts = 0
    const write = async (): Promise<undefined> => {
      attempts += 1
    }
    const steps = { write, storedMacs: async () => [undefined] }
    await expect(appendOnce([first], steps)).rejects.toMatchObject({ code: 'VAULT_STORE_FAILED', retryable: true })
    expect(attempts).toBe(4)
  })
})

describe('a fork', () => {
  it('is an error that is no reason to retry, and any other result is given back', () => {
    expect(refuseFork(true)).toBe(true)
    expect(() => refuseFork('forked')).toThrow(
      expect.objectContaining({ code: 'VAULT_STORE_FAILED', retryable: false }),
    )
  })
})
