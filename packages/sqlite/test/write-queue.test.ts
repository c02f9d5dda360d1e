// Writes that meet share a transaction; each has its own answer, and none is answered before it is committed.
import { nextRevision, sampleAuditRow, sampleRef, sampleSecret } from '@mcpvault/core/testing'
import { describe, expect, test } from 'vitest'
import { type SqliteDatabase, type SqliteStore, sqliteStore } from '../src/index.ts'
import { drivers, freshStore, openStore, plainDatabase } from './support/databases.ts'
import { failureOf } from './support/errors.ts'

const names = Array.from({ length: 40 }, (_, at) => `secret-${at}`)
const recordOf = (name: string) => sampleSecret({ ref: sampleRef({ name }) })
const turnOfTheLoop = () => new Promise((resolve) => setImmediate(resolve))

async function namesIn(store: SqliteStore): Promise<string[]> {
  return (await store.secrets.list({ limit: 1000 })).map(({ ref }) => ref.name).sort()
}

describe.each(drivers)('writes that meet, with %s', (driver) => {
  async function counting() {
    const { path } = await freshStore(driver)
    const commands: string[] = []
    const store = sqliteStore({ database: tellingCommands(plainDatabase(path, driver), commands) })
    const commits = () => commands.filter((command) => command === 'COMMIT').length
    return { store, path, commits }
  }

  test('the first of a turn is committed at once, all others of the turn by one transaction after it', async () => {
    const { store, path, commits } = await counting()
    const answers = names.map((name) => store.secrets.put(recordOf(name), { ifRevision: 0 }))
    expect(answers[0]).toBe(true)
    expect(answers[1]).toBeInstanceOf(Promise)
    expect(await namesIn(openStore({ path, driver }))).toEqual([names[0]])
    expect(await Promise.all(answers)).toEqual(names.map(() => true))
    expect(commits()).toBe(2)
    expect(await namesIn(openStore({ path, driver }))).toEqual([...names].sort())
  })

  test('callers who met go together from then on, and one who is alone again waits for nobody', async () => {
    const { store, commits } = await counting()
    const round = (label: string) =>
      Promise.all(names.map((name) => store.secrets.put(recordOf(`${label}-${name}`), { ifRevision: 0 })))
    await round('first')
    await round('second')
    await round('third')
    expect(commits()).toBe(4)
    expect(await store.secrets.put(recordOf('alone'), { ifRevision: 0 })).toBe(true)
    await turnOfTheLoop()
    expect(store.secrets.put(recordOf('alone again'), { ifRevision: 0 })).toBe(true)
  })

  test('a caller who writes one after another waits ever more seldom', async () => {
    const { store, commits } = await counting()
    let waited = 0
    for (let at = 0; at < 500; at += 1) {
      const answer = store.secrets.put(recordOf(`secret-${at}`), { ifRevision: 0 })
      if (answer !== true) waited += 1
      expect(await answer).toBe(true)
    }
    expect(commits()).toBe(500)
    expect(waited).toBeLessThan(500 / 10)
  })

  test('after a caller who was alone for long, the next who meet go together in their second turn', async () => {
    const { store, commits } = await counting()
    for (let at = 0; at < 200; at += 1) await store.secrets.put(recordOf(`alone-${at}`), { ifRevision: 0 })
    await turnOfTheLoop()
    const before = commits()
    for (const round of ['first', 'second', 'third']) {
      await Promise.all(
        ['a', 'b', 'c'].map((name) => store.secrets.put(recordOf(`${round}-${name}`), { ifRevision: 0 })),
      )
      await turnOfTheLoop()
    }
    expect(commits() - before).toBeLessThanOrEqual(3 + 1 + 1)
  })

  test('a long queue is committed in transactions of bounded size, in order', async () => {
    const { store, commits } = await counting()
    const rows = Array.from({ length: 300 }, (_, sequence) => sampleAuditRow({ sequence }))
    const answers = await Promise.all(rows.map((row) => store.audit.append([row])))
    expect(answers).toEqual(rows.map(() => 'stored'))
    expect(commits()).toBe(1 + Math.ceil(299 / 128))
    const [info] = await store.audit.streams({ limit: 1 })
    expect(info?.lastSequence).toBe(299)
  })

  test('[N6] each write is compared and swapped by itself, in the order of the calls', async () => {
    const { store, commits } = await counting()
    const first = recordOf('shared')
    const second = nextRevision(first)
    const answers = await Promise.all([
      store.secrets.put(first, { ifRevision: 0 }),
      store.secrets.put(first, { ifRevision: 0 }),
      store.secrets.put(second, { ifRevision: 1 }),
      store.secrets.put(second, { ifRevision: 1 }),
      store.secrets.remove(first.ref, { ifRevision: 1 }),
      store.secrets.remove(first.ref, { ifRevision: 2 }),
      store.secrets.put(first, { ifRevision: 0 }),
    ])
    expect(answers).toEqual([true, false, true, false, false, true, true])
    expect(commits()).toBe(2)
  })

  test('[S39] one that fails affects no other, and leaves nothing behind', async () => {
    const { store } = await counting()
    const stream = 'c'.repeat(32)
    await store.audit.append([sampleAuditRow({ stream })])
    const puts = names.map((name, sequence) =>
      store.secrets.put(recordOf(name), {
        ifRevision: 0,
        // Row 0 is there already with another mac: the first of these forks that stream.
        audit: [sampleAuditRow({ stream: sequence === 0 ? stream : 'd'.repeat(32), sequence, fork: 'other' })],
      }),
    )
    const outcomes = await Promise.allSettled(puts)
    expect(outcomes.map(({ status }) => status)).toEqual(names.map((_, at) => (at === 0 ? 'rejected' : 'fulfilled')))
    expect(await failureOf(() => puts[0])).toMatchObject({ code: 'VAULT_STORE_FAILED', retryable: false })
    expect(await namesIn(store)).toEqual(names.slice(1).sort())
    expect(await store.audit.readStream(stream, { limit: 9, afterSequence: -1 })).toHaveLength(1)
    const landed = await store.audit.readStream('d'.repeat(32), { limit: 99, afterSequence: -1 })
    expect(landed.map(({ sequence }) => sequence)).toEqual(names.slice(1).map((_, at) => at + 1))
  })

  test('an append that forks its stream throws, and the writes beside it land', async () => {
    const { store } = await counting()
    await store.audit.append([sampleAuditRow()])
    const forked = [sampleAuditRow({ sequence: 1 }), sampleAuditRow({ fork: 'yes' })]
    const answers = await Promise.all([
      store.secrets.put(recordOf('before'), { ifRevision: 0 }),
      store.audit.append(forked),
      store.secrets.put(recordOf('after'), { ifRevision: 0 }),
    ])
    expect(answers).toEqual([true, 'forked', true])
    expect(await namesIn(store)).toEqual(['after', 'before'])
    expect(await store.audit.readStream(sampleAuditRow().stream, { limit: 9, afterSequence: -1 })).toHaveLength(1)
  })

  test('close commits what waits', async () => {
    const { store, path } = await freshStore(driver)
    const answers = names.map((name) => store.secrets.put(recordOf(name), { ifRevision: 0 }))
    store.close()
    expect(await Promise.all(answers)).toEqual(names.map(() => true))
    expect(await namesIn(openStore({ path, driver }))).toEqual([...names].sort())
  })

  test('when the transaction cannot begin, every write of it fails and can be tried again', async () => {
    const { store, path } = await counting()
    const database = plainDatabase(path, driver)
    const own = sqliteStore({ database })
    const answers = names.map((name) => own.secrets.put(recordOf(name), { ifRevision: 0 }))
    database.exec('BEGIN')
    const failures = await Promise.all(answers.slice(1).map((answer) => failureOf(() => answer)))
    expect(new Set(failures.map(({ code }) => code))).toEqual(new Set(['VAULT_STORE_FAILED']))
    database.exec('COMMIT')
    expect(await namesIn(store)).toEqual([names[0]])
    expect(await own.secrets.put(recordOf('later'), { ifRevision: 0 })).toBe(true)
  })
})

describe.each(drivers)('writes that meet while another connection writes, with %s', (driver) => {
  async function locked(busyLimitMs?: number) {
    const { store: first, path } = await freshStore(driver)
    first.close()
    const store = sqliteStore({ path }, { driver, ...(busyLimitMs === undefined ? {} : { busyLimitMs }) })
    expect(await store.meta.read('nothing')).toBeUndefined()
    const other = plainDatabase(path, driver)
    other.exec('BEGIN IMMEDIATE')
    return { store, other }
  }
  const putAll = (store: SqliteStore) => names.map((name) => store.secrets.put(recordOf(name), { ifRevision: 0 }))

  test('all wait, and land once each', async () => {
    const { store, other } = await locked()
    const answers = putAll(store)
    await turnOfTheLoop()
    expect(await namesIn(store)).toEqual([])
    other.exec('COMMIT')
    expect(await Promise.all(answers)).toEqual(names.map(() => true))
    expect(await namesIn(store)).toEqual([...names].sort())
    store.close()
  })

  test('the signal of one ends its wait alone', async () => {
    const { store, other } = await locked()
    const controller = new AbortController()
    const left = [recordOf('left-1'), recordOf('left-2')].map((record) =>
      store.secrets.put(record, { ifRevision: 0, signal: controller.signal }),
    )
    const answers = putAll(store)
    controller.abort(new Error('enough'))
    for (const answer of left) await expect(answer).rejects.toThrow('enough')
    other.exec('ROLLBACK')
    expect(await Promise.all(answers)).toEqual(names.map(() => true))
    expect(await namesIn(store)).toEqual([...names].sort())
    store.close()
  })

  test('a write whose signal is aborted before the end of its turn is not made', async () => {
    const { store } = await freshStore(driver)
    const controller = new AbortController()
    expect(await store.secrets.put(recordOf('first'), { ifRevision: 0, signal: controller.signal })).toBe(true)
    const left = store.secrets.put(recordOf('left'), { ifRevision: 0, signal: controller.signal })
    const stays = store.secrets.put(recordOf('stays'), { ifRevision: 0 })
    controller.abort(new Error('enough'))
    await expect(left).rejects.toThrow('enough')
    expect(await stays).toBe(true)
    expect(await namesIn(store)).toEqual(['first', 'stays'])
  })

  test('after the limit all fail and may be tried again, and later ones have a limit of their own', async () => {
    const { store, other } = await locked(0)
    const failure = { code: 'VAULT_STORE_FAILED', retryable: true }
    for (const answer of putAll(store)) expect(await failureOf(() => answer)).toMatchObject(failure)
    const later = store.secrets.put(recordOf('later'), { ifRevision: 0 })
    other.exec('ROLLBACK')
    expect(await later).toBe(true)
    expect(await namesIn(store)).toEqual(['later'])
    store.close()
  })

  test('what waits for a lock when the store is closed fails', async () => {
    const { store, other } = await locked()
    const answers = putAll(store)
    store.close()
    const failures = await Promise.all(answers.map((answer) => failureOf(() => answer)))
    expect(failures).toEqual(names.map(() => ({ code: 'VAULT_STORE_FAILED', retryable: false, field: undefined })))
    other.exec('ROLLBACK')
  })
})

/** The same database, which also tells what is run without being prepared: the ends of transactions. */
function tellingCommands(database: SqliteDatabase, commands: string[]): SqliteDatabase {
  return {
    prepare: (text) => database.prepare(text),
    exec(text) {
      commands.push(text)
      return database.exec(text)
    },
  }
}
