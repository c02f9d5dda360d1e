// A call of a vault that finds the database locked waits for busyLimitMs once, whatever it has to do there.
import { createVault, generateKey, keyRing, systemClock } from '@mcpvault/core'
import { eventually } from '@mcpvault/testkit/eventually'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type SqliteDatabase, sqliteStore } from '../src/index.ts'
import { drivers, freshStore, openStore, plainDatabase } from './support/databases.ts'

describe.each(drivers)('busyLimitMs in a vault, with %s', (driver) => {
  /** A vault with one secret, on a database that another connection has locked. Its clock stands still. */
  async function locked(busyLimitMs: number) {
    const { path } = await freshStore(driver)
    let nowMs = 0
    let attempts = 0
    const database = tellingAttempts(plainDatabase(path, driver), () => attempts++)
    const clock = { ...systemClock, monotonicMs: () => nowMs }
    const store = sqliteStore({ database }, { busyLimitMs, clock })
    const vault = createVault({ keys: keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } }), store })
    const alice = vault.as({ id: 'alice' }).scope({ server: 'github' })
    await alice.set('token', 'first')
    const other = plainDatabase(path, driver)
    other.exec('BEGIN IMMEDIATE')
    onTestFinished(() => vault.close())
    attempts = 0
    return {
      alice,
      other,
      path,
      advance(ms: number) {
        nowMs += ms
      },
      isWaiting: () => eventually(() => expect(attempts).toBeGreaterThan(1)),
    }
  }

  test('is the time that a write waits: it is not sent again, and its event does not have to be waited for', async () => {
    const { alice, other, path, advance, isWaiting } = await locked(2_000)
    const written = alice.set('token', 'second')
    written.catch(() => undefined)
    await isWaiting()
    advance(2_000)
    // The clock stands still from here on, so a second wait would not end.
    await expect(written).rejects.toMatchObject({ code: 'VAULT_STORE_FAILED', retryable: true, nothingWritten: true })
    other.exec('ROLLBACK')
    await alice.set('token', 'third')
    expect((await alice.get('token'))?.version).toBe(2)
    const after = openStore({ path, driver })
    await eventually(async () => {
      const rows = await after.audit.query({ outcomes: ['failed'] }, { limit: 10 })
      expect(rows.map(({ columns }) => columns.action)).toEqual(['secret.updated'])
    })
  })
})

/** The same database, with a call for each transaction that it is asked to begin. */
function tellingAttempts(database: SqliteDatabase, onAttempt: () => void): SqliteDatabase {
  return {
    prepare: (text) => database.prepare(text),
    exec(text) {
      if (text.startsWith('BEGIN')) onAttempt()
      return database.exec(text)
    },
  }
}
