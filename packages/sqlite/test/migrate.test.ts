// The schema is made by migrate() alone, once, and nothing works on another one.
import { join } from 'node:path'
import { sampleAuditRow, sampleCheckpoint, sampleDataKey, sampleScope, sampleSecret } from '@mcpvault/core/testing'
import { describe, expect, test } from 'vitest'
import { type SqliteStore, sqliteStore } from '../src/index.ts'
import { drivers, freshStore, openStore, plainDatabase, temporaryFolder } from './support/databases.ts'
import { failureOf } from './support/errors.ts'

const notReady = { code: 'VAULT_STORE_NOT_READY', retryable: false }
const { ref, id } = sampleSecret()
const operations: Readonly<Record<string, (store: SqliteStore) => unknown>> = {
  find: ({ secrets }) => secrets.find(ref, 'current'),
  findAll: ({ secrets }) => secrets.findAll(ref, { limit: 1 }),
  put: ({ secrets }) => secrets.put(sampleSecret(), { ifRevision: 0 }),
  remove: ({ secrets }) => secrets.remove(ref, { ifRevision: 1 }),
  list: ({ secrets }) => secrets.list({ limit: 1 }),
  touch: ({ secrets }) => secrets.touch([{ ref, id, lastUsedAt: new Date(0), uses: 1 }]),
  'find a data key': ({ dataKeys }) => dataKeys.find('00', sampleScope()),
  active: ({ dataKeys }) => dataKeys.active(sampleScope()),
  insert: ({ dataKeys }) => dataKeys.insert(sampleDataKey()),
  replace: ({ dataKeys }) => dataKeys.replace(sampleDataKey(), { ifRevision: 1 }),
  'remove a data key': ({ dataKeys }) => dataKeys.remove('00', sampleScope()),
  'list data keys': ({ dataKeys }) => dataKeys.list({ limit: 1 }),
  append: ({ audit }) => audit.append([sampleAuditRow()]),
  query: ({ audit }) => audit.query({}, { limit: 1 }),
  readStream: ({ audit }) => audit.readStream('00', { limit: 1, afterSequence: -1 }),
  streams: ({ audit }) => audit.streams({ limit: 1 }),
  redact: ({ audit }) => audit.redact(sampleAuditRow()),
  putCheckpoint: ({ audit }) => audit.putCheckpoint(sampleCheckpoint()),
  checkpoints: ({ audit }) => audit.checkpoints({ limit: 1 }),
  'read meta': ({ meta }) => meta.read('vault-id'),
  insertOnce: ({ meta }) => meta.insertOnce('vault-id', new Uint8Array(16)),
  acquire: ({ locks }) => locks.acquire('sweep', 'a', 1000),
  renew: ({ locks }) => locks.renew('sweep', 'a', 1000),
  release: ({ locks }) => locks.release('sweep', 'a'),
}

describe.each(drivers)('[A10] migrations with %s', (driver) => {
  test('the first call takes every step and the next takes none', async () => {
    const store = openStore({ path: join(temporaryFolder(), 'vault.db'), driver })
    expect(await store.migrate()).toEqual({ version: 1, applied: [1] })
    await store.secrets.put(sampleSecret(), { ifRevision: 0 })
    expect(await store.migrate()).toEqual({ version: 1, applied: [] })
    expect(await store.secrets.find(ref, 'current')).toBeDefined()
  })

  test('[A35] every operation says that the schema is missing, and works after migrate()', async () => {
    const store = openStore({ path: join(temporaryFolder(), 'vault.db'), driver })
    for (const [name, operation] of Object.entries(operations)) {
      expect(await failureOf(() => operation(store)), name).toMatchObject(notReady)
    }
    await store.migrate()
    for (const operation of Object.values(operations)) await operation(store)
  })

  test('a step that was changed is refused by migrate() and by operations', async () => {
    const { store, path } = await freshStore(driver)
    store.close()
    plainDatabase(path, driver).exec("UPDATE mcpvault_migrations SET checksum = 'other' WHERE version = 1")
    const again = openStore({ path, driver })
    expect(await failureOf(() => again.migrate())).toMatchObject({ code: 'VAULT_CONFIG_INVALID' })
    expect(await failureOf(() => again.meta.read('vault-id'))).toMatchObject(notReady)
  })

  test('the schema of a newer release is refused', async () => {
    const { store, path } = await freshStore(driver)
    store.close()
    plainDatabase(path, driver).exec("INSERT INTO mcpvault_migrations VALUES (2, 'later', 'sum', 0)")
    const again = openStore({ path, driver })
    expect(await failureOf(() => again.migrate())).toMatchObject(notReady)
    expect(await failureOf(() => again.meta.read('vault-id'))).toMatchObject(notReady)
  })

  test('a table that is gone later is a missing schema too', async () => {
    const { store, path } = await freshStore(driver)
    await store.locks.acquire('sweep', 'a', 1000)
    plainDatabase(path, driver).exec('DROP TABLE mcpvault_locks')
    expect(await failureOf(() => store.locks.acquire('sweep', 'a', 1000))).toMatchObject(notReady)
  })

  test('a migration that fails leaves nothing behind', async () => {
    const path = join(temporaryFolder(), 'vault.db')
    const store = openStore({ path, driver })
    const other = plainDatabase(path, driver)
    other.exec('CREATE TABLE mcpvault_checkpoints (id TEXT)')
    expect(await failureOf(() => store.migrate())).toMatchObject({ code: 'VAULT_STORE_FAILED', retryable: false })
    expect(tablesOf(other)).toEqual(['mcpvault_checkpoints'])
    other.exec('DROP TABLE mcpvault_checkpoints')
    expect(await store.migrate()).toEqual({ version: 1, applied: [1] })
  })

  test('a database that is not encoded in UTF-8 is refused, since text is compared by its bytes', async () => {
    const database = plainDatabase(join(temporaryFolder(), 'wide.db'), driver)
    database.exec("PRAGMA encoding = 'UTF-16le'; CREATE TABLE anything (a)")
    const store = sqliteStore({ database })
    expect(await failureOf(() => store.migrate())).toMatchObject({ code: 'VAULT_CONFIG_INVALID', field: 'database' })
  })
})

function tablesOf(database: ReturnType<typeof plainDatabase>): unknown[] {
  return database
    .prepare("SELECT json_group_array(name) AS names FROM sqlite_master WHERE type = 'table'")
    .all()
    .flatMap((row) => (typeof row === 'object' && row !== null && 'names' in row ? JSON.parse(String(row.names)) : []))
}
