// Comparisons of rows by content, and the small steps that many cases share.
import assert from 'node:assert/strict'
import type { SecretQuery, StoredSecret, VaultStore, VersionSelection } from '../../contracts/index.ts'
import type { StoreUnderTest } from './case.ts'

/** Same content: bytes by value in any kind of `Uint8Array`, dates by millisecond, absent fields the same as undefined. */
export function assertSame(actual: unknown, expected: unknown, message?: string): void {
  assert.deepEqual(plain(actual), plain(expected), message)
}

function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('hex')}`
  if (value instanceof Date) return `date ${value.getTime()}`
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([, field]) => field !== undefined)
  return Object.fromEntries(entries.map(([key, field]) => [key, plain(field)]))
}

/** The value, which has to be there. */
export function present<T>(value: T | undefined, message = 'expected a row'): T {
  if (value === undefined) throw new assert.AssertionError({ message, actual: value, operator: 'present' })
  return value
}

/** The record as a read with these versions shows it. */
export function seenWith(record: StoredSecret, versions: VersionSelection | 'none'): StoredSecret {
  const wanted = versions === 'current' ? record.currentVersion : versions
  return {
    ...record,
    versions: record.versions.map(({ envelope, ...version }) =>
      envelope !== undefined && (wanted === 'all' || wanted === version.version) ? { ...version, envelope } : version,
    ),
  }
}

/** Inserts records, each of which must go in. */
export async function insertAll(store: VaultStore, records: readonly StoredSecret[]): Promise<void> {
  for (const record of records) {
    const label = JSON.stringify(record.ref)
    assert.equal(await store.secrets.put(record, { ifRevision: 0 }), true, `${label} must go in`)
  }
}

/** Every page of a query, joined. `between` runs after each page. */
export async function pagesOf(
  store: VaultStore,
  query: SecretQuery,
  between: (pageNumber: number) => Promise<void> = async () => {},
): Promise<StoredSecret[]> {
  const all: StoredSecret[] = []
  for (let pageNumber = 1; pageNumber < 1000; pageNumber += 1) {
    const last = all.at(-1)
    const after = last === undefined ? {} : { after: { createdAt: last.createdAt, id: last.id } }
    const page = await store.secrets.list({ ...query, ...after })
    assert.ok(page.length <= query.limit, 'a page is longer than its limit')
    if (page.length === 0) return all
    all.push(...page)
    await between(pageNumber)
  }
  assert.fail('paging does not end')
}

/** Names of records, in order. */
export function namesOf(records: readonly StoredSecret[]): string[] {
  return records.map((record) => record.ref.name)
}

/** The handles that a race runs over: the store, and the second one when there is any. */
async function handlesOf(subject: StoreUnderTest): Promise<readonly VaultStore[]> {
  const second = await subject.reopen?.()
  return second === undefined ? [subject.store] : [subject.store, second]
}

/** Runs `attempt` `count` times concurrently, taking turns over the handles, and gives all answers. */
export async function raceOf<T>(
  subject: StoreUnderTest,
  {
    count,
    attempt,
  }: { count: number; attempt: (store: VaultStore, number: number) => Promise<T> | PromiseLike<T> | T },
): Promise<T[]> {
  const handles = await handlesOf(subject)
  const runs = Array.from({ length: count }, async (_, number) =>
    attempt(present(handles[number % handles.length]), number),
  )
  return Promise.all(runs)
}

/** Overwrites every byte and date, and empties every array, as a careless caller might. */
export function scribble(value: unknown): void {
  if (value instanceof Uint8Array) value.fill(0xee)
  else if (value instanceof Date) value.setTime(0)
  else if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    for (const field of Object.values(value)) scribble(field)
    if (Array.isArray(value)) value.length = 0
    else for (const key of Object.keys(value)) Reflect.set(value, key, undefined)
  }
}
