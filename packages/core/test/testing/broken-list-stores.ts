// Stores whose lists and pages are broken on purpose.
import type { SecretQuery, SecretStore, StoredSecret } from '../../src/contracts/index.ts'
import { type BrokenStore, brokenSecrets, type SecretBreak } from './breaking.ts'

const filterNames: Readonly<Record<Exclude<keyof SecretQuery, 'limit' | 'after'>, string>> = {
  owner: 'filters by owner',
  server: 'filters by server',
  visibleTo: 'filters by what a principal owns or was granted',
  notOwner: 'filters by the owner it must not be',
  tagsAny: 'filters by any of some tags',
  tagsAll: 'filters by all of some tags',
  type: 'filters by type',
  tier: 'filters by tier',
  states: 'filters by state',
  expiresBefore: 'filters by an expiry before an instant, not at it',
  dekId: 'filters by data key',
}

const ignoredFilters = Object.entries(filterNames).map(([filter, caught]) =>
  broken(`list ignores ${filter}`, `list: ${caught}`, (s) => ({
    list: (query) => s.list({ limit: query.limit, ...without(query, filter) }),
  })),
)

const others: readonly BrokenStore[] = [
  broken('one of any tags is enough for all', 'list: filters by all of some tags', (s) => ({
    list: ({ tagsAll, ...query }) => s.list(tagsAll ? { ...query, tagsAny: tagsAll } : query),
  })),
  broken('all of any tags are needed', 'list: filters by any of some tags', (s) => ({
    list: ({ tagsAny, ...query }) => s.list(tagsAny ? { ...query, tagsAll: tagsAny } : query),
  })),
  broken(
    'an expiry at the instant counts as before',
    'list: filters by an expiry before an instant, not at it',
    (s) => ({
      list: ({ expiresBefore, ...query }) =>
        s.list(expiresBefore ? { ...query, expiresBefore: new Date(expiresBefore.getTime() + 1) } : query),
    }),
  ),
  broken('shared secrets are not visible', 'list: filters by what a principal owns or was granted', (s) => ({
    list: ({ visibleTo, ...query }) => s.list(visibleTo ? { ...query, owner: visibleTo } : query),
  })),
  broken('own secrets are not visible', 'list: filters by what a principal owns or was granted', (s) => ({
    list: async (query) => (await s.list(query)).filter(({ ref }) => ref.owner !== query.visibleTo),
  })),
  broken("what is not one's own is all that is visible", 'list: filters by the owner it must not be', (s) => ({
    list: ({ notOwner, ...query }) => s.list(notOwner ? { ...query, notOwner, visibleTo: notOwner } : query),
  })),
  broken('own secrets count as granted', 'list: filters by what a principal was granted by others', (s) => ({
    list: ({ notOwner, ...query }) =>
      s.list(notOwner === query.visibleTo ? query : { ...query, ...(notOwner && { notOwner }) }),
  })),
  broken('deleted secrets are never listed', 'list: without conditions everything comes, deleted secrets too', (s) => ({
    list: async (query) => (await s.list(query)).filter(({ state }) => state !== 'deleted'),
  })),
  broken('one condition alone holds', 'list: conditions hold together', (s) => ({
    list: ({ limit, after, ...query }) => {
      const [first] = Object.entries(query)
      return s.list({ limit, ...(after && { after }), ...(first && { [first[0]]: first[1] }) })
    },
  })),
  broken(
    'secrets that are owned and granted come twice',
    'list: a secret that is both owned and granted comes once',
    (s) => ({
      list: async (query) => {
        const found = await s.list(query)
        return [
          ...found,
          ...found.filter(({ grants }) => grants.some(({ principal }) => principal === query.visibleTo)),
        ]
      },
    }),
  ),
  broken('secrets come once for each tag', 'list: a secret that has several of the tags comes once', (s) => ({
    list: async (query) => (await s.list(query)).flatMap((record) => record.tags.map(() => record)),
  })),
  broken('lists bring envelopes', 'list: brings whole records without envelopes', (s) => ({
    list: async (query) => {
      const found = (await s.list(query)).map(({ ref }) => s.find(ref, 'current'))
      return (await Promise.all(found)).filter((record) => record !== undefined)
    },
  })),
  broken('lists leave grants out', 'list: brings whole records without envelopes', (s) => ({
    list: async (query) => (await s.list(query)).map((record) => ({ ...record, grants: [] })),
  })),
  broken('the order is reversed', 'list: orders newest first, and by descending id among the same time', (s) => ({
    list: async (query) => [...(await s.list(query))].reverse(),
  })),
  broken('ties are in ascending order', 'list: orders newest first, and by descending id among the same time', (s) => ({
    list: async (query) =>
      [...(await s.list(query))].sort(
        (a, b) => b.createdAt.getTime() - a.createdAt.getTime() || (a.id < b.id ? -1 : 1),
      ),
  })),
  broken('the limit is ignored', 'list: brings no more than the limit, and the newest of all', (s) => ({
    list: (query) => s.list({ ...query, limit: 1000 }),
  })),
  broken('one too many comes', 'list: brings no more than the limit, and the newest of all', (s) => ({
    list: (query) => s.list({ ...query, limit: query.limit + 1 }),
  })),
  broken('lists show what once was', 'list: follows every change of a record', (s) => {
    const first = new Map<string, StoredSecret>()
    return {
      put(record, options) {
        if (!first.has(record.id)) first.set(record.id, record)
        return s.put(record, options)
      },
      list: async (query) =>
        (await s.list({ limit: query.limit })).filter(({ id }) => first.get(id)?.type === (query.type ?? 'api_key')),
    }
  }),
  broken('pages begin nowhere when the last record is gone', 'list: begins after a record that is gone', (s) => ({
    async list({ after, ...query }) {
      const all = await s.list({ ...query, limit: 1000 })
      const at = after === undefined ? -1 : all.findIndex(({ id }) => id === after.id)
      return after !== undefined && at < 0 ? [] : all.slice(at + 1, at + 1 + query.limit)
    },
  })),
  broken(
    'pages skip what shares the time of the last',
    'list paging: pages join to the whole, also where many records share a creation time',
    (s) => ({
      list: async ({ after, ...query }) => {
        const all = await s.list({ ...query, limit: 1000 })
        return all.filter(({ createdAt }) => after === undefined || createdAt < after.createdAt).slice(0, query.limit)
      },
    }),
  ),
  ...[
    'records that come meanwhile move none of the others',
    'records that go meanwhile move none of the others',
    'own and shared secrets make one order',
  ].map((caught) => broken(`pages are counted (${caught})`, `list paging: ${caught}`, countedPages)),
  broken('pages are of the past', 'list paging: a record that is deleted before its page is not seen', (s) => {
    let snapshot: readonly StoredSecret[] = []
    return {
      async list({ after, ...query }) {
        if (after === undefined) snapshot = await s.list({ ...query, limit: 1000 })
        const at = snapshot.findIndex(({ id }) => id === after?.id)
        return snapshot.slice(at + 1, at + 1 + query.limit)
      },
    }
  }),
  broken('a record moves when it changes', 'list paging: records that change meanwhile are seen exactly once', (s) => ({
    async put(record, options) {
      const at = new Date(record.createdAt.getTime() - record.revision * 10_000)
      return s.put({ ...record, createdAt: at }, options)
    },
  })),
  broken('findAll brings deleted records', 'findAll: leaves out deleted records and keeps inactive ones', (s) => ({
    findAll: (scope, { limit }) => all(s, scope, limit),
  })),
  broken('findAll leaves out inactive records', 'findAll: leaves out deleted records and keeps inactive ones', (s) => ({
    findAll: async (scope, options) => (await s.findAll(scope, options)).filter(({ state }) => state === 'active'),
  })),
  broken('findAll brings no envelopes', 'findAll: brings every record of the scope with its current envelope', (s) => ({
    findAll: ({ owner, server }, { limit }) => s.list({ owner, server, limit }),
  })),
  broken('findAll orders by UTF-16', 'findAll: orders by the bytes of the name', (s) => ({
    findAll: async (scope, options) =>
      [...(await s.findAll(scope, options))].sort((a, b) => (a.ref.name < b.ref.name ? -1 : 1)),
  })),
  broken('findAll orders as people do', 'findAll: orders by the bytes of the name', (s) => ({
    findAll: async (scope, options) =>
      [...(await s.findAll(scope, options))].sort((a, b) => a.ref.name.localeCompare(b.ref.name)),
  })),
  broken(
    'findAll ignores its limit',
    'findAll: brings the first records of that order when there are more than the limit',
    (s) => ({
      findAll: (scope) => s.findAll(scope, { limit: 1000 }),
    }),
  ),
  broken(
    'findAll brings what is shared',
    'findAll: brings nothing of another owner or server, not even what is shared',
    (s) => ({
      findAll: async ({ owner, server }, { limit }) => s.list({ visibleTo: owner, server, limit }),
    }),
  ),
  broken('an empty scope brings another one', 'findAll: an empty scope brings an empty list', (s) => ({
    findAll: (scope, options) => s.findAll({ ...scope, server: 'github' }, options),
  })),
]

export const brokenListStores: readonly BrokenStore[] = [...ignoredFilters, ...others]

function broken(what: string, caught: string, part: SecretBreak): BrokenStore {
  return brokenSecrets(what, `secrets.${caught}`, part)
}

function without<T extends object>(query: T, filter: string): Partial<T> {
  const copy: Partial<T> = { ...query }
  Reflect.deleteProperty(copy, filter)
  return copy
}

function countedPages(secrets: SecretStore): Partial<SecretStore> {
  let served = 0
  return {
    async list({ after, ...query }) {
      if (after === undefined) served = 0
      const page = (await secrets.list({ ...query, limit: 1000 })).slice(served, served + query.limit)
      served += page.length
      return page
    },
  }
}

async function all(
  secrets: SecretStore,
  scope: { owner: string; server: string },
  limit: number,
): Promise<StoredSecret[]> {
  const { owner, server } = scope
  const listed = await secrets.list({ owner, server, limit })
  const found = await Promise.all(listed.map(({ ref }) => secrets.find(ref, 'current')))
  return found.filter((record) => record !== undefined).sort((a, b) => (a.ref.name < b.ref.name ? -1 : 1))
}
