// The database's files belong to their owner alone.
import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sampleSecret } from '@mcpvault/core/testing'
import { describe, expect, test } from 'vitest'
import { sqliteStore } from '../src/index.ts'
import { drivers, freshStore, openStore, temporaryFolder } from './support/databases.ts'
import { failureOf } from './support/errors.ts'

const refused = { code: 'VAULT_CONFIG_INVALID', retryable: false, field: 'path' }

describe.each(drivers)('files with %s', (driver) => {
  test('the database, its WAL and its index are made with mode 0600', async () => {
    const { store, path } = await freshStore(driver)
    await store.secrets.put(sampleSecret(), { ifRevision: 0 })
    for (const suffix of ['', '-wal', '-shm']) {
      expect((statSync(`${path}${suffix}`).mode & 0o777).toString(8), suffix).toBe('600')
    }
  })

  test('an existing private file is opened again with its secrets', async () => {
    const { store, path } = await freshStore(driver)
    await store.secrets.put(sampleSecret(), { ifRevision: 0 })
    store.close()
    const again = openStore({ path, driver })
    expect((await again.secrets.find(sampleSecret().ref, 'current'))?.id).toBe(sampleSecret().id)
  })

  test.each([0o644, 0o640, 0o604, 0o660, 0o610, 0o601])('an existing file of mode %o is refused', async (mode) => {
    const path = join(temporaryFolder(), 'vault.db')
    writeFileSync(path, '')
    chmodSync(path, mode)
    expect(await failureOf(() => sqliteStore({ path }, { driver }))).toEqual(refused)
  })

  test.each(['-wal', '-shm', '-journal'])('a readable %s file beside it is refused', async (suffix) => {
    const path = join(temporaryFolder(), 'vault.db')
    writeFileSync(path, '', { mode: 0o600 })
    writeFileSync(`${path}${suffix}`, '', { mode: 0o644 })
    chmodSync(`${path}${suffix}`, 0o644)
    expect(await failureOf(() => sqliteStore({ path }, { driver }))).toEqual(refused)
  })

  test.each([0o000, 0o022])(
    'behind a link to a file that is not there yet they are private, with umask %o',
    async (umask) => {
      const folder = temporaryFolder()
      mkdirSync(join(folder, 'data'))
      symlinkSync(join(folder, 'data'), join(folder, 'folder'))
      symlinkSync('folder/vault.db', join(folder, 'second.db'))
      symlinkSync('second.db', join(folder, 'link.db'))
      const before = process.umask(umask)
      try {
        const store = openStore({ path: join(folder, 'link.db'), driver })
        await store.migrate()
        await store.secrets.put(sampleSecret(), { ifRevision: 0 })
      } finally {
        process.umask(before)
      }
      for (const suffix of ['', '-wal', '-shm']) {
        const { mode } = statSync(join(folder, 'data', `vault.db${suffix}`))
        expect((mode & 0o777).toString(8), suffix).toBe('600')
      }
      expect(readdirSync(folder).sort()).toEqual(['data', 'folder', 'link.db', 'second.db'])
    },
  )

  test.each(['', '-wal', '-shm', '-journal'])("a link's target with a readable %s file is refused", async (suffix) => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'target.db'), '', { mode: 0o600 })
    writeFileSync(join(folder, `target.db${suffix}`), '')
    chmodSync(join(folder, `target.db${suffix}`), 0o644)
    symlinkSync('target.db', join(folder, 'link.db'))
    expect(await failureOf(() => sqliteStore({ path: join(folder, 'link.db') }, { driver }))).toEqual(refused)
  })

  test('a link that leads to itself is refused', async () => {
    const path = join(temporaryFolder(), 'link.db')
    symlinkSync('link.db', path)
    expect(await failureOf(() => sqliteStore({ path }, { driver }))).toEqual(refused)
  })

  test.each(['', ' ', '~', '~/vault.db', 'file:vault.db', 'FILE:///tmp/vault.db', 'vault\0.db'])(
    'the path %j is refused, since other tools read it otherwise',
    async (path) => {
      expect(await failureOf(() => sqliteStore({ path }, { driver }))).toEqual(refused)
    },
  )

  test('a folder in place of a file is refused', async () => {
    expect(await failureOf(() => sqliteStore({ path: temporaryFolder() }, { driver }))).toEqual(refused)
  })

  test.each(['with space.db', 'hash#1.db', 'q?x=1.db', 'per%20cent.db', 'ünïcödé-🗝.db', "quote'.db", 'file:uri.db'])(
    'a file may be called %j',
    async (name) => {
      const path = join(temporaryFolder(), name)
      const store = openStore({ path, driver })
      await store.migrate()
      expect(existsSync(path)).toBe(true)
    },
  )

  test('a folder that does not exist is refused and not made', async () => {
    const folder = join(temporaryFolder(), 'missing')
    expect(await failureOf(() => sqliteStore({ path: join(folder, 'vault.db') }, { driver }))).toEqual(refused)
    expect(existsSync(folder)).toBe(false)
  })

  test('a path that looks like a remote database is a path', async () => {
    expect(await failureOf(() => sqliteStore({ path: 'libsql://127.0.0.1/vault.db' }, { driver }))).toEqual(refused)
  })

  test('a file that is no database is refused by the first call', async () => {
    const path = join(temporaryFolder(), 'vault.db')
    writeFileSync(path, 'something else that is longer than the head of a database, '.repeat(20), { mode: 0o600 })
    const store = openStore({ path, driver })
    expect(await failureOf(() => store.migrate())).toMatchObject({ code: 'VAULT_STORE_FAILED', retryable: false })
  })

  test('[A14] using the store writes no other file', async () => {
    const { store, path } = await freshStore(driver)
    await store.secrets.put(sampleSecret(), { ifRevision: 0 })
    await store.secrets.find(sampleSecret().ref, 'all')
    expect(readdirSync(join(path, '..')).sort()).toEqual(['vault.db', 'vault.db-shm', 'vault.db-wal'])
  })

  test('closing leaves everything in the one file', async () => {
    const { store, path } = await freshStore(driver)
    await store.secrets.put(sampleSecret(), { ifRevision: 0 })
    store.close()
    const wal = statSync(`${path}-wal`, { throwIfNoEntry: false })
    expect(wal?.size ?? 0).toBe(0)
  })
})
