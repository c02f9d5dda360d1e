// The list of secrets: what was loaded, how it is filtered and in which order it is shown.
import { computed, signal } from '@preact/signals'
import { api, type ListedSecret, type Problem, type SecretInfo } from '../client.ts'
import { type Ref, sameRef } from '../route.ts'
import { compare } from '../ui/text.tsx'

export type StateFilter = 'active' | 'inactive' | 'expired' | 'deleted' | 'any'
export type SortKey = 'server' | 'name' | 'expires' | 'used' | 'changed'

export interface Filters {
  readonly server: string
  readonly tag: string
  readonly type: string
  readonly tier: '' | '1' | '2' | '3'
  readonly state: StateFilter
  readonly expiring: '' | '7' | '30' | '90'
  readonly sharing: '' | 'with-me'
}

export const noFilters: Filters = { server: '', tag: '', type: '', tier: '', state: 'any', expiring: '', sharing: '' }

export const filters = signal<Filters>(noFilters)
export const search = signal('')
export const sort = signal<SortKey>('server')

/** What the store holds for these filters; `cursor` when there is more than was asked for. */
export const rows = signal<readonly ListedSecret[]>([])
export const listing = signal<'loading' | 'done'>('loading')
export const listProblem = signal<Problem | undefined>(undefined)
export const cursor = signal<string | null>(null)

/** Every server, tag and type seen so far: the choices of the filters. */
export const known = signal<Readonly<Record<'servers' | 'tags' | 'types', readonly string[]>>>({
  servers: [],
  tags: [],
  types: [],
})

const pageRows = 200
const maxRows = 1_000
let asked = 0
/** What was changed here since the list was asked for, whose answer may be older. */
let changes: readonly ((found: readonly ListedSecret[]) => readonly ListedSecret[])[] = []

/** Loads the list again, up to 1,000 secrets. A later call ends an earlier one. */
export function load(): Promise<void> {
  return fill([], null)
}

/** Loads the next 1,000. */
export async function loadMore(): Promise<void> {
  if (cursor.value !== null) await fill(rows.value, cursor.value)
}

async function fill(before: readonly ListedSecret[], from: string | null): Promise<void> {
  asked += 1
  const round = asked
  changes = []
  listing.value = 'loading'
  listProblem.value = undefined
  let next = from
  let all = before
  do {
    const answer = await api.list({ ...queryOf(filters.value), ...(next && { cursor: next }), limit: pageRows })
    if (round !== asked) return
    if (!answer.ok) {
      listProblem.value = answer.problem
      break
    }
    const { items, cursor: more } = answer.data
    all = [...all, ...items]
    next = more
    rows.value = changes.reduce((found, by) => by(found), all)
    cursor.value = more
    remember(items)
  } while (next !== null && all.length < before.length + maxRows)
  listing.value = 'done'
}

/** Puts the new state of one secret in its place, or first when it is new. */
export function upsert(info: SecretInfo): void {
  change((found) => {
    const isThere = found.some((row) => sameRef(row, info))
    return isThere ? found.map((row) => (sameRef(row, info) ? newer(row, info) : row)) : [info, ...found]
  })
  remember([info])
}

export function forget(ref: Ref): void {
  change((found) => found.filter((row) => !sameRef(row, ref)))
}

function change(by: (typeof changes)[number]): void {
  if (listing.value === 'loading') changes = [...changes, by]
  rows.value = by(rows.value)
}

/** Of two states of a secret the one that came later, whichever answer came first. */
export function newer<T extends ListedSecret>(before: T | undefined, next: SecretInfo): T | SecretInfo {
  if (before === undefined || before.state === 'untrusted' || before.id !== next.id) return next
  return before.revision > next.revision ? before : next
}

function queryOf(given: Filters) {
  const { server, tag, type, tier, state, expiring, sharing } = given
  return {
    state,
    ...(server && { server }),
    ...(tag && { tag: [tag] }),
    ...(type && { type }),
    ...(tier && { tier: Number(tier) }),
    ...(expiring && { expiresBefore: new Date(Date.now() + Number(expiring) * 86_400_000).toISOString() }),
    ...(sharing && { shared: true }),
  }
}

function remember(items: readonly ListedSecret[]): void {
  const infos = items.filter((item) => item.state !== 'untrusted')
  known.value = {
    servers: merged(
      known.value.servers,
      items.map(({ server }) => server),
    ),
    tags: merged(
      known.value.tags,
      infos.flatMap(({ tags }) => tags),
    ),
    types: merged(
      known.value.types,
      infos.map(({ type }) => type),
    ),
  }
}

function merged(before: readonly string[], more: readonly string[]): readonly string[] {
  return [...new Set([...before, ...more])].sort()
}

/** Deleted secrets are shown only where they were asked for. */
export const shown = computed(() => {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean)
  const { state } = filters.value
  return rows.value
    .filter((row) => (state === 'any' ? row.state !== 'deleted' : true))
    .filter((row) => words.every((word) => textOf(row).includes(word)))
    .toSorted(orders[sort.value])
})

export const isFiltered = computed(
  () => search.value !== '' || JSON.stringify(filters.value) !== JSON.stringify(noFilters),
)

function textOf(row: ListedSecret): string {
  const more = row.state === 'untrusted' ? [] : [row.type, row.description ?? '', ...row.tags]
  return [row.name, row.server, row.owner, ...more].join('\n').toLowerCase()
}

type Order = (a: ListedSecret, b: ListedSecret) => number

const byName: Order = (a, b) => compare(a.name.toLowerCase(), b.name.toLowerCase()) || compare(a.owner, b.owner)

const orders: Readonly<Record<SortKey, Order>> = {
  server: (a, b) => compare(a.server, b.server) || byName(a, b),
  name: byName,
  expires: (a, b) => compare(dateOf(a, 'expiresAt') || '9', dateOf(b, 'expiresAt') || '9') || byName(a, b),
  used: (a, b) => compare(dateOf(b, 'lastUsedAt'), dateOf(a, 'lastUsedAt')) || byName(a, b),
  changed: (a, b) => compare(dateOf(b, 'updatedAt'), dateOf(a, 'updatedAt')) || byName(a, b),
}

function dateOf(row: ListedSecret, field: 'expiresAt' | 'lastUsedAt' | 'updatedAt'): string {
  return row.state === 'untrusted' ? '' : (row[field] ?? '')
}
