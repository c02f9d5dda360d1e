// A database that is removed or exchanged under a running process: refused, and never taken for an empty or a safe one.
import { randomBytes } from 'node:crypto'
import { copyFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type AuditAlarm, createVault, keyRing } from '@mcpvault/core'
import { sampleAuditRow, sampleDataKey, sampleSecret } from '@mcpvault/core/testing'
import { describe, expect, test } from 'vitest'
import { type SqliteStore, sqliteStore } from '../src/index.ts'
import { drivers, freshStore, plainDatabase, temporaryFolder } from './support/databases.ts'
import { failureOf } from './support/errors.ts'

const failed = { code: 'VAULT_STORE_FAILED', retryable: false, field: undefined }

const writes: Readonly<Record<string, (store: SqliteStore) => unknown>> = {
  put: ({ secrets }) => secrets.put(sampleSecret(), { ifRevision: 0 }),
  touch: ({ secrets }) =>
    secrets.touch([{ ref: sampleSecret().ref, id: sampleSecret().id, lastUsedAt: new Date(0), uses: 1 }]),
  'insert a data key': ({ dataKeys }) => dataKeys.insert(sampleDataKey()),
  append: ({ audit }) => audit.append([sampleAuditRow()]),
  insertOnce: ({ meta }) => meta.insertOnce('vault-id', new Uint8Array(16)),
  acquire: ({ locks }) => locks.acquire('sweep', 'a', 1000),
}

const removals: Readonly<Record<string, (path: string) => void>> = {
  'the file is removed': (path) => rmSync(path),
  'the file and its log are removed': (path) => {
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${path}${suffix}`)
  },
  'the log is removed': (path) => rmSync(`${path}-wal`),
  'the log is exchanged': (path) => {
    renameSync(`${path}-wal`, `${path}-old`)
    copyFileSync(`${path}-old`, `${path}-wal`)
  },
  'the file is renamed': (path) => renameSync(path, `${path}.old`),
  'the file is exchanged': (path) => {
    writeFileSync(`${path}.new`, '', { mode: 0o600 })
    renameSync(`${path}.new`, path)
  },
}

describe.each(drivers)('while a store of %s has it open', (driver) => {
  test.each(Object.entries(removals))('and %s, every write is refused', async (_, remove) => {
    const { store, path } = await freshStore(driver)
    await store.meta.insertOnce('a', new Uint8Array(1))
    remove(path)
    for (const [name, write] of Object.entries(writes)) {
      expect(await failureOf(() => write(store)), name).toEqual(failed)
    }
  })

  test.each([
    ...Object.entries(removals),
    ['the index of the log is removed', (path: string) => rmSync(`${path}-shm`)],
  ])('and %s, reads are refused soon after, and integrity() too', async (_, remove) => {
    let nowMs = 0
    const clock = { now: () => new Date(0), monotonicMs: () => nowMs, schedule: () => () => undefined }
    const path = join(temporaryFolder(), 'vault.db')
    const store = sqliteStore({ path }, { driver, clock })
    await store.migrate()
    await store.secrets.put(sampleSecret(), { ifRevision: 0 })
    remove(path)
    nowMs += 250
    expect(await failureOf(() => store.secrets.find(sampleSecret().ref, 'current'))).toEqual(failed)
    expect(await failureOf(() => store.dataKeys.list({ limit: 1 }))).toEqual(failed)
    expect(await failureOf(() => store.integrity())).toEqual(failed)
  })

  test('and it is removed before the first call, that call is refused', async () => {
    const path = join(temporaryFolder(), 'vault.db')
    const store = sqliteStore({ path }, { driver })
    rmSync(path)
    expect(await failureOf(() => store.migrate())).toEqual(failed)
  })

  test('and it is put back, the store works again', async () => {
    const { store, path } = await freshStore(driver)
    await store.meta.insertOnce('a', new Uint8Array(1))
    renameSync(path, `${path}.away`)
    expect(await failureOf(() => store.secrets.put(sampleSecret(), { ifRevision: 0 }))).toEqual(failed)
    renameSync(`${path}.away`, path)
    expect(await store.secrets.put(sampleSecret(), { ifRevision: 0 })).toBe(true)
  })

  test("a caller's connection is watched too", async () => {
    const path = join(temporaryFolder(), 'app.db')
    const database = plainDatabase(path, driver)
    database.exec('PRAGMA journal_mode = WAL')
    const store = sqliteStore({ database })
    await store.migrate()
    rmSync(path)
    expect(await failureOf(() => store.secrets.put(sampleSecret(), { ifRevision: 0 }))).toEqual(failed)
  })

  test("a caller's connection may change its journal", async () => {
    let nowMs = 0
    const clock = { now: () => new Date(0), monotonicMs: () => nowMs, schedule: () => () => undefined }
    const database = plainDatabase(join(temporaryFolder(), 'app.db'), driver)
    database.exec('PRAGMA journal_mode = WAL')
    const store = sqliteStore({ database }, { clock })
    await store.migrate()
    store.close()
    const again = sqliteStore({ database }, { clock })
    await again.meta.insertOnce('a', new Uint8Array(1))
    for (const mode of ['DELETE', 'WAL']) {
      database.exec(`PRAGMA journal_mode = ${mode}`)
      nowMs += 250
      await again.meta.insertOnce(mode, new Uint8Array(1))
    }
    expect((await again.meta.read('WAL'))?.length).toBe(1)
  })

  test('a vault refuses, and raises an alarm', async () => {
    const path = join(temporaryFolder(), 'vault.db')
    // Without the look of every 250 ms, so that the read itself is what the trail refuses.
    const clock = { now: () => new Date(0), monotonicMs: () => 0, schedule: () => () => undefined }
    const store = sqliteStore({ path }, { driver, clock })
    await store.migrate()
    const alarms: AuditAlarm[] = []
    const keys = keyRing({ current: 'main#1', keys: { 'main#1': randomBytes(32) } })
    const vault = createVault({ keys, store, audit: { onAlarm: (alarm) => void alarms.push(alarm) } })
    const alice = vault.as({ id: 'alice' }).scope()
    await alice.set('token', 'one')
    rmSync(path)
    expect(await failureOf(() => alice.set('token', 'two'))).toMatchObject(failed)
    expect(await failureOf(() => alice.get('token'))).toMatchObject({ code: 'VAULT_AUDIT_FAILED' })
    expect(alarms).not.toEqual([])
    await vault.close().catch(() => undefined)
  })
})
