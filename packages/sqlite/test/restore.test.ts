// Backups and the way back: a file that was put back is never undone by, or mixed with, the log of the file before.
import {
  chmodSync,
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sampleSecret } from '@mcpvault/core/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { backupSqliteFile, restoreSqliteFile, type SqliteDriver, type SqliteStore, sqliteStore } from '../src/index.ts'
import { drivers, freshStore, openStore, plainDatabase, temporaryFolder } from './support/databases.ts'
import { failureOf } from './support/errors.ts'
import { buildWorker, runWorker } from './support/processes.ts'

const folder = mkdtempSync(join(tmpdir(), 'mcpvault-restore-'))
let removeWorker: () => void
beforeAll(async () => {
  removeWorker = await buildWorker()
})
afterAll(() => {
  removeWorker()
  rmSync(folder, { recursive: true })
})

const foreign = { code: 'VAULT_CONFIG_INVALID', retryable: false, field: 'path' }
const refused = (field: string) => ({ code: 'VAULT_CONFIG_INVALID', retryable: false, field })

/** Adds records in a process of its own, which is killed with its log left. Returns how many were acknowledged. */
async function addAndKill({ path, driver, count, label = 'after' }: AddOptions): Promise<number> {
  let seen = 0
  await runWorker({
    job: 'add',
    driver,
    path,
    label,
    times: 100_000,
    onLine: (_, child) => {
      seen += 1
      if (seen === count) child.kill('SIGKILL')
    },
  })
  return seen
}

interface AddOptions {
  readonly path: string
  readonly driver: SqliteDriver
  readonly count: number
  readonly label?: string
}

const closedVaults = new Map<SqliteDriver, Promise<string>>()

/** The file of a vault that was closed, made once for each driver by a process of its own. */
function closedVault(driver: SqliteDriver): Promise<string> {
  const made = closedVaults.get(driver) ?? makeClosedVault(driver)
  closedVaults.set(driver, made)
  return made
}

async function makeClosedVault(driver: SqliteDriver): Promise<string> {
  const path = join(mkdtempSync(join(folder, 'closed-')), 'vault.db')
  await runWorker({ job: 'migrate', driver, path })
  await runWorker({ job: 'add', driver, path, label: 'before', times: 3 })
  return path
}

/** The files of a vault that was killed, with a backup of before in the same folder. */
async function killedVault({ driver, backUp, count }: KilledOptions) {
  const own = temporaryFolder()
  const path = join(own, 'vault.db')
  const backup = join(own, 'backup.db')
  copyFileSync(await closedVault(driver), path)
  backUp?.({ path, backup, driver })
  await addAndKill({ path, driver, count })
  expect(statSync(`${path}-wal`).size).toBeGreaterThan(0)
  return { path, backup }
}

interface KilledOptions {
  readonly driver: SqliteDriver
  readonly count: number
  readonly backUp?:
    | ((files: { readonly path: string; readonly backup: string; readonly driver: SqliteDriver }) => void)
    | undefined
}

/** All of them: the process may have added many more before it was killed. */
const namesIn = async (store: SqliteStore) =>
  (await store.secrets.list({ limit: 1_000_000 })).map(({ ref }) => ref.name).sort()

const before = ['before-0', 'before-1', 'before-2']

const ways: Readonly<Record<string, NonNullable<KilledOptions['backUp']>>> = {
  'a copy of the closed file': ({ path, backup }) => copyFileSync(path, backup),
  'VACUUM INTO': ({ path, backup, driver }) => {
    const database = plainDatabase(path, driver)
    database.exec(`VACUUM INTO '${backup}'`)
    database.close()
  },
  backupSqliteFile: ({ path, backup, driver }) => backupSqliteFile({ from: path, to: backup, driver }),
}

// With 400 writes SQLite has begun the log again since the backup, so that it holds a part of the changes only.
const overwritten = [
  ['a copy of the closed file', 1],
  ['a copy of the closed file', 400],
  ['VACUUM INTO', 10],
  ['backupSqliteFile', 10],
] as const

describe.each(drivers)('a backup with %s', (driver) => {
  test.each(overwritten)(
    'by %s, copied over a file with its log left after %i writes, is refused',
    async (way, count) => {
      const { path, backup } = await killedVault({ driver, count, backUp: ways[way] })
      copyFileSync(backup, path)
      chmodSync(path, 0o600)
      expect(await failureOf(() => sqliteStore({ path }, { driver }))).toEqual(foreign)
      expect(await failureOf(() => backupSqliteFile({ from: path, to: `${path}.2`, driver }))).toEqual(refused('from'))

      restoreSqliteFile({ from: backup, to: path, driver })
      expect(readdirSync(join(path, '..')).sort()).toEqual(['backup.db', 'vault.db'])
      expect((statSync(path).mode & 0o777).toString(8)).toBe('600')
      const store = openStore({ path, driver })
      expect(await namesIn(store)).toEqual(before)
      await store.secrets.put(sampleSecret(), { ifRevision: 0 })
      expect(await store.integrity()).toEqual([])
    },
  )

  test('that was opened since, and is copied over a file with its log left, is refused', async () => {
    const { path, backup } = await killedVault({ driver, count: 5, backUp: ways.backupSqliteFile })
    await runWorker({ job: 'add', driver, path: backup, label: 'drill', times: 2 })
    copyFileSync(backup, path)
    expect(await failureOf(() => sqliteStore({ path }, { driver }))).toEqual(foreign)
  })

  test('of another vault is refused beside the log of this one', async () => {
    const { path } = await killedVault({ driver, count: 5 })
    copyFileSync(await makeClosedVault(driver), path)
    expect(await failureOf(() => sqliteStore({ path }, { driver }))).toEqual(foreign)
  })

  test.each([1, 400])(
    'is not needed after a crash: a killed process leaves its own log, after %i writes',
    async (count) => {
      const { path } = await killedVault({ driver, count })
      const names = await namesIn(openStore({ path, driver }))
      expect(names).toEqual(expect.arrayContaining([...before, 'after-0', `after-${count - 1}`]))
    },
  )

  test('is made while the vault is in use, with mode 0600 whatever the umask', async () => {
    const { store, path } = await freshStore(driver)
    await store.secrets.put(sampleSecret(), { ifRevision: 0 })
    const backup = `${path}'s backup`
    const umask = process.umask(0)
    try {
      backupSqliteFile({ from: path, to: backup, driver })
    } finally {
      process.umask(umask)
    }
    expect((statSync(backup).mode & 0o777).toString(8)).toBe('600')
    expect(await namesIn(openStore({ path: backup, driver }))).toEqual([sampleSecret().ref.name])
    expect(await failureOf(() => backupSqliteFile({ from: path, to: backup, driver }))).toEqual(refused('to'))
  })

  test('is not put over a vault that is open, which goes on', async () => {
    const { store, path } = await freshStore(driver)
    backupSqliteFile({ from: path, to: `${path}.backup`, driver })
    await store.secrets.put(sampleSecret(), { ifRevision: 0 })
    expect(await failureOf(() => restoreSqliteFile({ from: `${path}.backup`, to: path, driver }))).toEqual(
      refused('to'),
    )
    expect(await namesIn(store)).toEqual([sampleSecret().ref.name])
    expect(readdirSync(join(path, '..')).sort()).toEqual([
      'vault.db',
      'vault.db-shm',
      'vault.db-wal',
      'vault.db.backup',
    ])
  })

  test('can be put where nothing is, and behind a link', async () => {
    const from = await closedVault(driver)
    const own = temporaryFolder()
    symlinkSync('real.db', join(own, 'link.db'))
    restoreSqliteFile({ from, to: join(own, 'link.db'), driver })
    expect(readdirSync(own).sort()).toEqual(['link.db', 'real.db'])
    expect(await namesIn(openStore({ path: join(own, 'link.db'), driver }))).toEqual(before)
  })

  test('that is damaged, no vault, not whole or not there is refused, and the vault stays', async () => {
    const { path } = await killedVault({ driver, count: 5 })
    const own = temporaryFolder()
    const whole = readFileSync(await closedVault(driver))
    writeFileSync(join(own, 'cut.db'), whole.subarray(0, whole.length / 2))
    writeFileSync(join(own, 'text.db'), 'something else that is longer than the head of a database, '.repeat(20))
    writeFileSync(join(own, 'empty.db'), '')
    plainDatabase(join(own, 'other.db'), driver).exec('CREATE TABLE a (b)')
    writeFileSync(join(own, 'logged.db'), whole)
    writeFileSync(join(own, 'logged.db-wal'), 'x')
    const files = readdirSync(join(path, '..'))
    for (const name of ['cut.db', 'text.db', 'empty.db', 'other.db', 'logged.db', 'missing.db', '']) {
      const from = name === '' ? '' : join(own, name)
      expect(await failureOf(() => restoreSqliteFile({ from, to: path, driver })), name).toEqual(refused('from'))
    }
    expect(await failureOf(() => restoreSqliteFile({ from: path, to: path, driver }))).toMatchObject(refused('to'))
    expect(readdirSync(join(path, '..'))).toEqual(files)
    expect(await namesIn(openStore({ path, driver }))).toContain('after-4')
  })
})
