// The store as a whole: its own connection, a caller's connection, and its end.
import { join } from 'node:path'
import { fullSecret, nextRevision, sampleAuditRow, sampleDataKey, sampleSecret } from '@mcpvault/core/testing'
import { describe, expect, test } from 'vitest'
import { type SqliteDatabase, sqliteStore } from '../src/index.ts'
import { drivers, freshStore, openStore, plainDatabase, temporaryFolder } from './support/databases.ts'
import { failureOf } from './support/errors.ts'

const { ref } = sampleSecret()
const failed = { code: 'VAULT_STORE_FAILED', retryable: false }

describe.each(drivers)('a store by path with %s', (driver) => {
  test('it is durable, has transactions, takes many writes at a time, and does not watch', async () => {
    const { store } = await freshStore(driver)
    expect(store.id).toBe('sqlite')
    expect(store.supports).toEqual({ transactions: true, watch: false, durability: 'strict', writers: 32 })
    expect(store.watch).toBeUndefined()
  })

  test('a database in memory is not durable', async () => {
    const store = sqliteStore({ path: ':memory:' }, { driver })
    expect(store.supports.durability).toBe('best-effort')
    await store.migrate()
    expect(store.secrets.put(sampleSecret(), { ifRevision: 0 })).toBe(true)
    store.close()
  })

  test('after close every call fails, and closing again does nothing', async () => {
    const { store } = await freshStore(driver)
    store.close()
    store.close()
    expect(await failureOf(() => store.secrets.find(ref, 'current'))).toMatchObject(failed)
    expect(await failureOf(() => store.migrate())).toMatchObject(failed)
    expect(await failureOf(() => store.integrity())).toMatchObject(failed)
  })

  test('a store that was never used can be closed', () => {
    const path = join(temporaryFolder(), 'vault.db')
    expect(() => sqliteStore({ path }, { driver }).close()).not.toThrow()
  })

  test('a sound file has no problems, and a damaged one has', async () => {
    const { store, path } = await freshStore(driver)
    await store.secrets.put(sampleSecret({ tags: ['ci'] }), { ifRevision: 0 })
    expect(await store.integrity()).toEqual([])
    store.close()
    const forgotten = "DELETE FROM sqlite_master WHERE name = 'mcpvault_secrets_state'"
    // Newer drivers forbid this; nothing else of this process has the file open.
    const tool = plainDatabase(path, 'libsql')
    tool.exec(`PRAGMA writable_schema = ON; ${forgotten}`)
    tool.close()
    const damaged = openStore({ path, driver })
    expect(await damaged.integrity()).not.toEqual([])
  })

  test('[S6] a second data key with the same id is refused, and the first stays', async () => {
    const { store } = await freshStore(driver)
    await store.dataKeys.insert(sampleDataKey())
    const other = sampleDataKey({ scope: { kind: 'values', owner: 'mallory', server: 'github' } })
    expect(await failureOf(() => store.dataKeys.insert(other))).toMatchObject(failed)
    expect(await store.dataKeys.find(other.id, other.scope)).toBeUndefined()
    expect((await store.dataKeys.active(sampleDataKey().scope))?.id).toBe(other.id)
  })

  test('a write whose audit rows fork their stream changes nothing at all', async () => {
    const { store } = await freshStore(driver)
    await store.audit.append([sampleAuditRow()])
    await store.secrets.put(sampleSecret({ tags: ['ci'] }), { ifRevision: 0 })
    const next = nextRevision(sampleSecret({ tags: ['other'], versions: [] }))
    const audit = [sampleAuditRow({ sequence: 1 }), sampleAuditRow({ fork: 'yes' })]
    expect(await failureOf(() => store.secrets.put(next, { ifRevision: 1, audit }))).toMatchObject(failed)
    expect(await store.secrets.list({ tagsAny: ['ci'], limit: 1 })).toHaveLength(1)
    expect((await store.secrets.find(ref, 'current'))?.versions[0]?.envelope).toBeDefined()
    expect(await store.audit.readStream(sampleAuditRow().stream, { limit: 9, afterSequence: -1 })).toHaveLength(1)
  })
})

describe.each(drivers)("a store on a caller's connection of %s", (driver) => {
  const migrated = async (pragmas: string) => {
    const path = join(temporaryFolder(), 'app.db')
    const database = plainDatabase(path, driver)
    database.exec(pragmas)
    const store = sqliteStore({ database })
    await store.migrate()
    return { database, store }
  }

  test('it is neither configured nor closed', async () => {
    const { database, store } = await migrated('PRAGMA journal_mode = DELETE; PRAGMA busy_timeout = 77')
    await store.secrets.put(sampleSecret(), { ifRevision: 0 })
    store.close()
    expect(database.prepare('PRAGMA journal_mode').get()).toMatchObject({ journal_mode: 'delete' })
    expect(database.prepare('PRAGMA busy_timeout').get()).toMatchObject({ timeout: 77 })
    expect(database.prepare('SELECT name FROM mcpvault_secrets').get()).toMatchObject({ name: ref.name })
    expect(await failureOf(() => store.secrets.find(ref, 'current'))).toMatchObject(failed)
  })

  test.each([
    ['OFF', 'best-effort'],
    ['NORMAL', 'best-effort'],
    ['FULL', 'strict'],
    ['EXTRA', 'strict'],
  ])('with synchronous = %s its durability is %s', async (level, durability) => {
    const { store } = await migrated(`PRAGMA synchronous = ${level}`)
    expect(store.supports.durability).toBe(durability)
  })

  test("a write inside the caller's own transaction fails and leaves that transaction open", async () => {
    const { database, store } = await migrated('CREATE TABLE mine (a)')
    database.exec('BEGIN; INSERT INTO mine VALUES (1)')
    expect(await failureOf(() => store.secrets.put(sampleSecret(), { ifRevision: 0 }))).toMatchObject(failed)
    database.exec('COMMIT')
    expect(database.prepare('SELECT a FROM mine').get()).toMatchObject({ a: 1 })
  })

  test('nothing of a removed secret stays, also without foreign keys', async () => {
    const { database, store } = await migrated('PRAGMA foreign_keys = OFF')
    await store.secrets.put(sampleSecret({ tags: ['ci'] }), { ifRevision: 0 })
    await store.secrets.remove(ref, { ifRevision: 1 })
    for (const table of ['secrets', 'versions', 'grants', 'tags']) {
      expect(database.prepare(`SELECT count(*) AS rows FROM mcpvault_${table}`).get()).toMatchObject({ rows: 0 })
    }
  })

  test.runIf(driver === 'node:sqlite')('a driver that gives rows as objects alone serves as well', async () => {
    const database = plainDatabase(join(temporaryFolder(), 'app.db'), driver)
    const store = sqliteStore({ database: objectRowsOnly(database) })
    await store.migrate()
    const { tags } = fullSecret()
    expect(await store.secrets.put(fullSecret(), { ifRevision: 0 })).toBe(true)
    expect(await store.secrets.find(ref, 'all')).toMatchObject({ tags, useCount: 41, versions: { length: 3 } })
    expect(await store.secrets.list({ visibleTo: 'bob', limit: 5 })).toMatchObject([{ ref, tags }])
    expect((await store.dataKeys.insert(sampleDataKey())).id).toBe(sampleDataKey().id)
  })

  test('a connection that is closed already is an error of the store', async () => {
    const database = plainDatabase(join(temporaryFolder(), 'app.db'), driver)
    database.close()
    expect(await failureOf(() => sqliteStore({ database }))).toMatchObject(failed)
  })
})

test.skipIf(drivers.includes('node:sqlite'))('a driver that this Node does not have is refused', async () => {
  const path = join(temporaryFolder(), 'vault.db')
  const failure = { code: 'VAULT_CONFIG_INVALID', field: 'driver' }
  expect(await failureOf(() => sqliteStore({ path }, { driver: 'node:sqlite' }))).toMatchObject(failure)
})

/** As `node:sqlite` was before its statements could return arrays. */
function objectRowsOnly(database: SqliteDatabase): SqliteDatabase {
  return {
    exec: (text) => database.exec(text),
    prepare(text) {
      const statement = database.prepare(text)
      return {
        run: (...values) => statement.run(...values),
        get: (...values) => statement.get(...values),
        all: (...values) => statement.all(...values),
      }
    },
  }
}
