// A lock held by another connection is waited for: without blocking, up to a limit, and until the caller's signal.
import { systemClock } from '@mcpvault/core'
import { nextRevision, sampleSecret } from '@mcpvault/core/testing'
import { describe, expect, test } from 'vitest'
import { busyRetry } from '../src/busy-retry.ts'
import { sqliteStore } from '../src/index.ts'
import { drivers, freshStore, plainDatabase } from './support/databases.ts'
import { failureOf } from './support/errors.ts'

const { ref } = sampleSecret()

describe.each(drivers)('busy databases with %s', (driver) => {
  test('without another writer, calls answer with plain values', async () => {
    const { store } = await freshStore(driver)
    expect(store.secrets.put(sampleSecret(), { ifRevision: 0 })).toBe(true)
    expect(store.secrets.find(ref, 'current')).toMatchObject({ revision: 1 })
    expect(store.meta.read('nothing')).toBeUndefined()
  })

  test('a write waits for another writer, then lands once', async () => {
    const { store, path } = await freshStore(driver)
    await store.secrets.put(sampleSecret(), { ifRevision: 0 })
    const other = plainDatabase(path, driver)
    other.exec('BEGIN IMMEDIATE')
    const waiting = store.secrets.put(nextRevision(sampleSecret()), { ifRevision: 1 })
    expect(waiting).toBeInstanceOf(Promise)
    expect(store.secrets.find(ref, 'current')).toMatchObject({ revision: 1 })
    other.exec('COMMIT')
    expect(await waiting).toBe(true)
    expect(store.secrets.find(ref, 'current')).toMatchObject({ revision: 2 })
  })

  test('after the limit the call fails and says that it may be tried again', async () => {
    const { store, path } = await freshStore(driver)
    store.close()
    const unwaiting = sqliteStore({ path }, { driver, busyLimitMs: 0 })
    const other = plainDatabase(path, driver)
    other.exec('BEGIN IMMEDIATE')
    const failure = { code: 'VAULT_STORE_FAILED', retryable: true }
    expect(await failureOf(() => unwaiting.secrets.put(sampleSecret(), { ifRevision: 0 }))).toMatchObject(failure)
    other.exec('ROLLBACK')
    expect(await unwaiting.secrets.put(sampleSecret(), { ifRevision: 0 })).toBe(true)
    unwaiting.close()
  })

  test("the wait ends with the signal's reason, and nothing is written", async () => {
    const { store, path } = await freshStore(driver)
    const other = plainDatabase(path, driver)
    other.exec('BEGIN IMMEDIATE')
    const controller = new AbortController()
    const waiting = store.secrets.put(sampleSecret(), { ifRevision: 0, signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
    other.exec('ROLLBACK')
    expect(store.secrets.find(ref, 'current')).toBeUndefined()
  })

  test('a call that was aborted holds no lock and no old view of the database', async () => {
    const { store, path } = await freshStore(driver)
    const other = plainDatabase(path, driver)
    other.exec('BEGIN IMMEDIATE')
    const signal = AbortSignal.abort()
    await expect(async () => store.secrets.put(sampleSecret(), { ifRevision: 0, signal })).rejects.toThrow()
    expect(store.meta.read('first')).toBeUndefined()
    other.exec("INSERT INTO mcpvault_meta VALUES ('first', x'01'); COMMIT")
    expect(store.meta.read('first')).toHaveLength(1)
    expect(other.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()).toMatchObject({ busy: 0 })
  })
})

describe('busyRetry', () => {
  const ready = (): void => {}
  const busy = Object.assign(new Error('database is locked'), { code: 'SQLITE_BUSY' })
  const failing = (times: number): (() => number) => {
    let attempts = 0
    return () => {
      attempts += 1
      if (attempts <= times) throw busy
      return attempts
    }
  }

  test('an attempt that succeeds is made once', () => {
    expect(busyRetry(ready, { clock: systemClock, random: () => 0, limitMs: 1000 })(failing(0))).toBe(1)
  })

  test('attempts are made until one succeeds', async () => {
    expect(await busyRetry(ready, { clock: systemClock, random: () => 0, limitMs: 1000 })(failing(5))).toBe(6)
  })

  test('the limit is measured by the clock and includes its end', async () => {
    let nowMs = 0
    const clock = { ...systemClock, monotonicMs: () => nowMs++ }
    const run = busyRetry(ready, { clock, random: () => 0, limitMs: 2 })
    expect(await run(failing(2))).toBe(3)
    nowMs = 0
    expect(await failureOf(() => run(failing(3)))).toMatchObject({ code: 'VAULT_STORE_FAILED', retryable: true })
  })

  test('another error ends the attempts', async () => {
    let attempts = 0
    const run = busyRetry(ready, { clock: systemClock, random: () => 0, limitMs: 1000 })
    const attempt = (): never => {
      attempts += 1
      throw attempts === 1 ? busy : new TypeError('closed')
    }
    expect(await failureOf(() => run(attempt))).toMatchObject({ code: 'VAULT_STORE_FAILED', retryable: false })
    expect(attempts).toBe(2)
  })
})
