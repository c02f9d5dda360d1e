// Lists that cross scopes: which ones have an item, which ones have everything that a query asks for, and their pages.
import type { AuditFilter, AuditRow, DataKeyQuery, SecretQuery, StoredDataKey, StoredSecret } from '@mcpvault/core'
import type { Session } from './engine.ts'

/** The lists that have this secret. */
export function listsOfSecret({ ref, type, tags, grants, dekId, expiresAt }: StoredSecret): readonly string[] {
  return [
    'all',
    ...(expiresAt === undefined ? [] : ['expiring']),
    named('owner', ref.owner),
    named('scope', `${ref.owner}\u0001${ref.server}`),
    named('server', ref.server),
    named('type', type),
    named('key', dekId),
    ...tags.map((tag) => named('tag', tag)),
    ...grants.map(({ principal }) => named('grantee', principal)),
  ]
}

/** The lists whose union has every secret that the query asks for, and probably the fewest others. */
export function listsOfSecretQuery(query: SecretQuery): readonly string[] {
  const { visibleTo, owner, notOwner } = query
  if (visibleTo === undefined) return narrowestLists(query)
  const granted = named('grantee', visibleTo)
  if ((owner !== undefined && owner !== visibleTo) || notOwner === visibleTo) return [granted]
  return [...narrowestLists({ ...query, owner: visibleTo }), granted]
}

function narrowestLists({ owner, server, dekId, tagsAll, tagsAny, type, expiresBefore }: SecretQuery) {
  if (dekId !== undefined) return [named('key', dekId)]
  if (owner !== undefined)
    return [server === undefined ? named('owner', owner) : named('scope', `${owner}\u0001${server}`)]
  const [tag] = tagsAll ?? []
  if (tag !== undefined) return [named('tag', tag)]
  if (tagsAny !== undefined) return tagsAny.map((each) => named('tag', each))
  if (expiresBefore !== undefined) return ['expiring']
  if (server !== undefined) return [named('server', server)]
  return [type === undefined ? 'all' : named('type', type)]
}

/** The lists that have this data key. */
export function listsOfDataKey({ scope }: StoredDataKey): readonly string[] {
  return [listOfDataKeyQuery({}), listOfDataKeyQuery(scope)]
}

export function listOfDataKeyQuery({ owner }: Pick<DataKeyQuery, 'owner'>): string {
  return owner === undefined ? 'keys' : named('keys-of', owner)
}

/** The lists that have this audit row: one for each column that a filter may name alone. */
export function listsOfAuditRow({ stream, columns }: Pick<AuditRow, 'stream' | 'columns'>): readonly string[] {
  const { principal, owner, secretId, correlationId } = columns
  return [
    'all',
    named('stream', stream),
    named('principal', principal),
    ...(owner === undefined ? [] : [named('owner', owner)]),
    ...(secretId === undefined ? [] : [named('secret', secretId)]),
    ...(correlationId === undefined ? [] : [named('call', correlationId)]),
  ]
}

/** The list that has every row of the filter, and probably the fewest others. */
export function listOfAuditFilter({ stream, correlationId, secretId, owner, principal }: AuditFilter): string {
  if (correlationId !== undefined) return named('call', correlationId)
  if (secretId !== undefined) return named('secret', secretId)
  if (stream !== undefined) return named('stream', stream)
  if (owner !== undefined) return named('owner', owner)
  return principal === undefined ? 'all' : named('principal', principal)
}

/** Names hold no control characters, so one separates the kind and its value. */
function named(kind: string, value: string): string {
  return `${kind}\u0001${value}`
}

export interface ListPage<T> {
  /** The keys of the lists whose union is read. */
  readonly keys: readonly string[]
  readonly direction: 'ascending' | 'descending'
  /** Begins after this member, which need not exist; at the start of the direction when absent. */
  readonly after: string | undefined
  readonly limit: number
  /** What members stand for; undefined for one that is not part of the page. A list may have more than belongs there. */
  resolve(members: readonly Buffer[]): Promise<readonly (T | undefined)[]>
}

const minBatch = 20
const maxBatch = 1_000

/** One page of items. As long as most members of the lists belong there, it takes as much work as the page is long. */
export async function readPage<T>(session: Session, page: ListPage<T>): Promise<T[]> {
  const { keys, direction, after, limit, resolve } = page
  const items: T[] = []
  let place: Buffer | undefined = after === undefined ? undefined : Buffer.from(after, 'utf8')
  let count = Math.min(Math.max(limit, minBatch), maxBatch)
  while (items.length < limit) {
    const range = { direction, place, count }
    const lists = await Promise.all(keys.map((key) => readRange(session, { ...range, key })))
    const members = merge(lists, { direction, count })
    for (const item of await resolve(members)) {
      if (item !== undefined && items.length < limit) items.push(item)
    }
    const last = members.at(-1)
    if (last === undefined || members.length < count) break
    place = last
    count = Math.min(count * 2, maxBatch)
  }
  return items
}

interface Range {
  readonly key: string
  readonly direction: ListPage<unknown>['direction']
  readonly place: Buffer | undefined
  readonly count: number
}

async function readRange(session: Session, { key, direction, place, count }: Range): Promise<Buffer[]> {
  const after = place === undefined ? undefined : Buffer.concat([Buffer.from('('), place])
  const reply =
    direction === 'ascending'
      ? await session.command('ZRANGEBYLEX', key, after ?? '-', '+', 'LIMIT', 0, count)
      : await session.command('ZREVRANGEBYLEX', key, after ?? '+', '-', 'LIMIT', 0, count)
  return Array.isArray(reply) ? reply.filter((each) => Buffer.isBuffer(each)) : []
}

/** The first members of all lists; one that several lists have comes once. */
function merge(lists: readonly Buffer[][], { direction, count }: Pick<Range, 'direction' | 'count'>): Buffer[] {
  const [only] = lists
  if (lists.length === 1 && only !== undefined) return only
  const sign = direction === 'ascending' ? 1 : -1
  const sorted = lists.flat().sort((a, b) => sign * Buffer.compare(a, b))
  return sorted.filter((member, index) => !sorted[index - 1]?.equals(member)).slice(0, count)
}
