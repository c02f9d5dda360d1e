// Stores whose data keys are broken on purpose.
import type { DataKeyStore, StoredDataKey, VaultStore } from '../../src/contracts/index.ts'
import { type BrokenStore, pause } from './breaking.ts'

export const brokenKeyStores: readonly BrokenStore[] = [
  ...(['owner', 'server', 'kind'] as const).map((part) =>
    brokenKeys(`data keys are found in any ${part}`, 'a row is found only in its own scope', (s) => ({
      async find(id, scope) {
        const row = (await s.list({ limit: 1000 })).find((candidate) => candidate.id === id)
        return row && { ...row.scope, [part]: '' } && sameBut(part, row, scope) ? row : undefined
      },
    })),
  ),
  brokenKeys('one active row serves all scopes', 'each scope has an active row of its own', (s) => ({
    insert: async (row) => (await s.list({ limit: 1 }))[0] ?? s.insert(row),
  })),
  brokenKeys('the server is not part of the scope', 'a row is found only in its own scope', (s) => ({
    active: async (scope) => (await s.active(scope)) ?? s.active({ ...scope, server: 'github' }),
  })),
  brokenKeys('absent rows are made up', 'an absent row is undefined', (s) => ({
    find: async (id, scope) => (await s.find(id, scope)) ?? s.active(scope),
  })),
  brokenKeys('a field is lost', 'every field comes back', (s) => ({
    insert: (row) => s.insert({ ...row, wraps: row.wraps.slice(0, 1) }),
  })),
  brokenKeys(
    'the newest insert wins',
    'inserting where there is an active row brings that row and changes nothing',
    replaceActive,
  ),
  brokenKeys(
    'the loser gets its own row',
    'inserting where there is an active row brings that row and changes nothing',
    (s) => ({
      async insert(row) {
        await s.insert(row)
        return row
      },
    }),
  ),
  brokenKeys('inserting twice fails', 'inserting the same row again brings it back', (s) => ({
    async insert(row) {
      const active = await s.active(row.scope)
      return active?.id === row.id ? { ...row, revision: 2 } : s.insert(row)
    },
  })),
  brokenKeys('two win an insert race', 'of 50 inserts at once one wins, and all get its row', (s) => ({
    async insert(row) {
      const active = await s.active(row.scope)
      await pause()
      if (active !== undefined) return active
      return (await replaceActive(s).insert?.(row)) ?? row
    },
  })),
  brokenKeys('retired rows are active', 'a retired row is found but not active, and makes room for the next', (s) => ({
    active: async (scope) =>
      (await s.active(scope)) ?? (await s.list({ limit: 1 })).find((row) => row.scope.owner === scope.owner),
  })),
  brokenKeys('retired rows are lost', 'a retired row is found but not active, and makes room for the next', (s) => ({
    async find(id, scope) {
      const row = await s.find(id, scope)
      return row?.state === 'active' ? row : undefined
    },
  })),
  brokenKeys('replace keeps the wraps', 'a replacement replaces the whole row', (s) => ({
    async replace(row, options) {
      const before = await s.find(row.id, row.scope)
      return s.replace({ ...row, wraps: before?.wraps ?? row.wraps }, options)
    },
  })),
  brokenKeys('replace ignores the revision', 'a replacement needs the stored revision', (s) => ({
    replace: async (row) => s.replace(row, { ifRevision: (await s.find(row.id, row.scope))?.revision ?? 0 }),
  })),
  brokenKeys('replace inserts', 'a replacement needs a row of the same id and scope', (s) => ({
    async replace(row, options) {
      if ((await s.find(row.id, row.scope)) !== undefined) return s.replace(row, options)
      await replaceActive(s).insert?.(row)
      return true
    },
  })),
  brokenKeys('two win a replacement', 'of 20 replacements of one revision at once exactly one wins', (s) => ({
    async replace(row, { ifRevision }) {
      const before = await s.find(row.id, row.scope)
      await pause()
      if (before?.revision !== ifRevision) return false
      await s.replace(row, { ifRevision: (await s.find(row.id, row.scope))?.revision ?? 0 })
      return true
    },
  })),
  brokenKeys('remove only retires', 'removes a row, and the scope can have another', (s) => ({
    async remove(id, scope) {
      const row = await s.find(id, scope)
      if (row) await s.replace({ ...row, state: 'retired' }, { ifRevision: row.revision })
    },
  })),
  brokenKeys('remove takes the whole scope', 'removes a retired row and leaves the active one', (s) => ({
    async remove(id, scope) {
      const active = await s.active(scope)
      if (active) await s.remove(active.id, scope)
      return s.remove(id, scope)
    },
  })),
  brokenKeys('remove goes by id alone', 'removes nothing of another scope, and nothing that is not there', (s) => ({
    async remove(id) {
      const row = (await s.list({ limit: 1000 })).find((candidate) => candidate.id === id)
      if (row) await s.remove(id, row.scope)
    },
  })),
  ...(['owner', 'after'] as const).map((condition) =>
    brokenKeys(`lists of data keys ignore ${condition}`, 'lists by id, all and by every condition, in pages', (s) => ({
      list: ({ [condition]: _ignored, ...query }) => s.list(query),
    })),
  ),
  brokenKeys('lists of data keys are reversed', 'lists by id, all and by every condition, in pages', (s) => ({
    list: async (query) => [...(await s.list(query))].reverse(),
  })),
  brokenKeys('lists of data keys ignore the limit', 'lists by id, all and by every condition, in pages', (s) => ({
    list: (query) => s.list({ ...query, limit: 1000 }),
  })),
  brokenKeys('lists of data keys show what once was', 'lists follow a replacement', (s) => {
    const first = new Map<string, StoredDataKey>()
    return {
      insert(row) {
        first.set(row.id, row)
        return s.insert(row)
      },
      list: async (query) => (await s.list({ limit: query.limit })).map((row) => first.get(row.id) ?? row),
    }
  }),
  brokenKeys('stored data keys are handed out', 'what a caller does to its rows changes nothing stored', (s) => {
    let kept: StoredDataKey | undefined
    return {
      insert(row) {
        kept ??= row
        return s.insert(row)
      },
      active: () => kept,
    }
  }),
]

function brokenKeys(what: string, caught: string, part: (s: DataKeyStore) => Partial<DataKeyStore>): BrokenStore {
  const wrap = (store: VaultStore): VaultStore => ({
    ...store,
    dataKeys: { ...store.dataKeys, ...part(store.dataKeys) },
  })
  return { broken: what, caught: `dataKeys: ${caught}`, wrap }
}

function sameBut(part: keyof StoredDataKey['scope'], row: StoredDataKey, scope: StoredDataKey['scope']): boolean {
  return (['owner', 'server', 'kind'] as const).every((key) => key === part || row.scope[key] === scope[key])
}

function replaceActive(dataKeys: DataKeyStore): Partial<DataKeyStore> {
  return {
    async insert(row) {
      const active = await dataKeys.active(row.scope)
      if (active) await dataKeys.remove(active.id, active.scope)
      return dataKeys.insert(row)
    },
  }
}
