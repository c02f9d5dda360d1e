// A caller's connection as its application has set it up: served as it is, or refused by the name of the setting.
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { createVault, keyRing } from '@mcpvault/core'
import { fullSecret, sampleSecret } from '@mcpvault/core/testing'
import { describe, expect, test } from 'vitest'
import { type SqliteDatabase, type SqliteStatement, type SqliteStore, sqliteStore } from '../src/index.ts'
import { drivers, plainDatabase, temporaryFolder } from './support/databases.ts'
import { failureOf } from './support/errors.ts'

const wal = 'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL'
const policy = { roles: { operator: [{ allow: ['operate' as const] }] } }

/** Uses every kind of statement; two writes of one record show whether what was stored is recognised. */
async function useVault(store: SqliteStore): Promise<unknown> {
  await store.migrate()
  const keys = keyRing({ current: 'main#1', keys: { 'main#1': randomBytes(32) } })
  const vault = createVault({ keys, store, policy })
  const alice = vault.as({ id: 'alice' }).scope()
  await alice.set('token', 'one', { expiresAt: new Date('9999-12-31'), tags: ['ci'] })
  const { version } = await alice.set('token', 'two')
  await alice.share('token', { with: 'bob', permission: 'read' })
  const operator = vault.operator({ id: 'olga', roles: ['operator'] })
  const seen = {
    version,
    value: (await alice.get('token'))?.reveal(),
    tagged: (await alice.list({ tag: 'ci' })).items.length,
    granted: (await vault.as({ id: 'bob' }).listAll()).items.length,
    expiry: (await alice.describe('token'))?.expiresAt?.getUTCFullYear(),
    isTrailSound: (await operator.verifyAudit()).ok,
  }
  await vault.close()
  return seen
}

const works = { version: 2, value: 'two', tagged: 1, granted: 1, expiry: 9999, isTrailSound: true }

describe.each(drivers)('a connection of %s', (driver) => {
  const openWith = (pragmas: string): SqliteDatabase => {
    const database = plainDatabase(join(temporaryFolder(), 'app.db'), driver)
    database.exec(pragmas)
    return database
  }

  test.each([
    'PRAGMA short_column_names = OFF; PRAGMA full_column_names = ON',
    'PRAGMA short_column_names = OFF',
    'PRAGMA reverse_unordered_selects = ON; PRAGMA case_sensitive_like = ON; PRAGMA recursive_triggers = ON',
    'PRAGMA locking_mode = EXCLUSIVE',
    'PRAGMA foreign_keys = ON; PRAGMA ignore_check_constraints = ON; PRAGMA empty_result_callbacks = ON',
  ])('works with %s', async (pragmas) => {
    expect(await useVault(sqliteStore({ database: openWith(`${wal}; ${pragmas}`) }))).toEqual(works)
  })

  test('with a transaction of the application open is refused, and the transaction is left as it was', async () => {
    const database = openWith(`${wal}; CREATE TABLE notes (text TEXT)`)
    const store = sqliteStore({ database })
    await store.migrate()
    database.exec("BEGIN; INSERT INTO notes VALUES ('one')")
    const write = async () => store.meta.insertOnce('vault-id', randomBytes(16))
    await expect(write()).rejects.toMatchObject({
      code: 'VAULT_STORE_FAILED',
      retryable: false,
      detail: expect.stringContaining('a transaction open on this connection'),
    })
    database.exec("INSERT INTO notes VALUES ('two'); COMMIT")
    expect(database.prepare('SELECT text FROM notes').all()).toHaveLength(2)
    expect(await write()).toHaveLength(16)
  })

  test.each(['DELETE', 'TRUNCATE', 'PERSIST', 'WAL'])('works with the journal mode %s', async (mode) => {
    expect(await useVault(sqliteStore({ database: openWith(`PRAGMA journal_mode = ${mode}`) }))).toEqual(works)
  })

  test.each([
    // Newer drivers do not let an application turn the journal off.
    ...(driver === 'libsql' ? [['journal_mode', 'PRAGMA journal_mode = OFF']] : []),
    ['journal_mode', 'PRAGMA journal_mode = MEMORY'],
    ['query_only', 'PRAGMA query_only = ON'],
    ['count_changes', 'PRAGMA count_changes = ON'],
    ['UTF-8', "PRAGMA encoding = 'UTF-16'; CREATE TABLE anything (a)"],
  ])('is refused by the name of %s with %s, before anything is written', async (name, pragmas) => {
    const store = sqliteStore({ database: openWith(pragmas) })
    const refused = { code: 'VAULT_CONFIG_INVALID', field: 'database', message: expect.stringContaining(name) }
    await expect(async () => await store.migrate()).rejects.toMatchObject(refused)
    await expect(async () => await store.secrets.find(sampleSecret().ref, 'current')).rejects.toMatchObject(refused)
    await expect(async () => await store.integrity()).rejects.toMatchObject(refused)
  })

  test.each(['journal_mode = MEMORY', 'query_only = ON', 'synchronous = NORMAL'])(
    'is looked at again while in use: %s',
    async (pragma) => {
      const database = openWith('PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL')
      let nowMs = 0
      const clock = { now: () => new Date(0), monotonicMs: () => nowMs, schedule: () => () => undefined }
      const store = sqliteStore({ database }, { clock })
      await store.migrate()
      database.exec(`PRAGMA ${pragma}`)
      nowMs += 250
      const refused = { code: 'VAULT_CONFIG_INVALID', field: 'database' }
      expect(await failureOf(() => store.secrets.put(sampleSecret(), { ifRevision: 0 }))).toMatchObject(refused)
      expect(await failureOf(() => store.secrets.find(sampleSecret().ref, 'current'))).toMatchObject(refused)
      database.exec('PRAGMA journal_mode = DELETE; PRAGMA query_only = OFF; PRAGMA synchronous = FULL')
      expect(await store.secrets.put(sampleSecret(), { ifRevision: 0 })).toBe(true)
    },
  )

  test('in memory it works and is not called durable', async () => {
    const database = plainDatabase(':memory:', driver)
    const store = sqliteStore({ database })
    expect(store.supports.durability).toBe('best-effort')
    expect(await useVault(store)).toEqual(works)
  })

  test('works when its default is to return integers as bigint', async () => {
    const database = openWith(wal)
    expect(await useVault(sqliteStore({ database: bigIntsByDefault(database) }))).toEqual(works)
  })

  test.each<[string, (value: unknown) => unknown]>([
    ['integers as bigint', (value) => (typeof value === 'number' ? BigInt(value) : value)],
    ['bytes as an array', (value) => (value instanceof Uint8Array ? [...value] : value)],
    ['a row as its first column', (value) => value],
  ])('of a wrapper that cannot but return %s is refused', async (name, change) => {
    const store = sqliteStore({ database: changedRows(openWith(wal), { change, isPlucked: name.startsWith('a row') }) })
    const refused = { code: 'VAULT_CONFIG_INVALID', field: 'database' }
    expect(await failureOf(() => store.migrate())).toMatchObject(refused)
    expect(await failureOf(() => store.secrets.put(fullSecret(), { ifRevision: 0 }))).toMatchObject(refused)
  })
})

/** As `defaultSafeIntegers()` and `readBigInts` do. */
function bigIntsByDefault(database: SqliteDatabase): SqliteDatabase {
  return {
    exec: (text) => database.exec(text),
    prepare(text) {
      const statement = database.prepare(text)
      if (statement.safeIntegers !== undefined) statement.safeIntegers(true)
      else statement.setReadBigInts?.(true)
      return statement
    },
  }
}

function changedRows(
  database: SqliteDatabase,
  { change, isPlucked }: { readonly change: (value: unknown) => unknown; readonly isPlucked: boolean },
): SqliteDatabase {
  const rowOf = (row: unknown): unknown => {
    if (typeof row !== 'object' || row === null) return row
    const entries = Object.entries(row).map(([name, value]): [string, unknown] => [name, change(value)])
    return isPlucked ? [entries[0]?.[1]] : Object.fromEntries(entries)
  }
  return {
    exec: (text) => database.exec(text),
    prepare(text): SqliteStatement {
      const statement = database.prepare(text)
      return {
        run: (...values) => statement.run(...values),
        get: (...values) => rowOf(statement.get(...values)),
        all: (...values) => statement.all(...values).map(rowOf),
      }
    },
  }
}
