// The secrets of the memory store: records in nested maps, with ordered lists for the pages of `list`.
import { compareUtf8 } from '../../bytes/index.ts'
import {
  type AuditRow,
  matchesSecretQuery,
  type SecretCursor,
  type SecretQuery,
  type SecretRef,
  type SecretStore,
  type StoredSecret,
} from '../../contracts/index.ts'
import { copyDate, copySecret, copyVersion } from './copy.ts'
import { compareCreated, take } from './order.ts'
import { type SortedIndex, sortedIndex } from './sorted-index.ts'

/** A place in the ordered lists; its record is replaced as a whole. */
interface Row extends SecretCursor {
  record: StoredSecret
}

type Owners = Map<string, Map<string, Map<string, Row>>>
type SecretIndex = SortedIndex<SecretCursor, Row>

/** `appendAudit` appends rows that must land with a write, or throws and appends none. */
export function memorySecrets(appendAudit: (rows: readonly AuditRow[]) => void): SecretStore {
  // Nested maps look up three strings that are there already, where one joined key would be built for each call.
  const owners: Owners = new Map()
  const index: SecretIndex = sortedIndex(compareCreated)
  const rowOf = (ref: SecretRef): Row | undefined => owners.get(ref.owner)?.get(ref.server)?.get(ref.name)

  return {
    find(ref, versions) {
      const row = rowOf(ref)
      return row === undefined ? undefined : copySecret(row.record, versions)
    },
    findAll({ owner, server }, { limit }) {
      const kept = [...(owners.get(owner)?.get(server)?.values() ?? [])]
        .map((row) => row.record)
        .filter((record) => record.state !== 'deleted')
        .sort((a, b) => compareUtf8(a.ref.name, b.ref.name))
      return kept.slice(0, limit).map((record) => copySecret(record, 'current'))
    },
    put(record, { ifRevision, audit }) {
      const before = rowOf(record.ref)
      if ((before?.record.revision ?? 0) !== ifRevision) return false
      const next = recordToKeep(record, before?.record)
      if (audit !== undefined) appendAudit(audit)
      const row = { id: next.id, createdAt: next.createdAt, record: next }
      mapOf(mapOf(owners, next.ref.owner), next.ref.server).set(next.ref.name, row)
      relist(index, before, row)
      return true
    },
    remove(ref, { ifRevision, audit }) {
      const row = rowOf(ref)
      if (row === undefined || row.record.revision !== ifRevision) return false
      if (audit !== undefined) appendAudit(audit)
      for (const key of listKeys(row.record)) index.delete(key, row)
      drop(owners, ref)
      return true
    },
    list(query) {
      return take(candidates(index, query), {
        limit: query.limit,
        test: (row) => matchesSecretQuery(row.record, query),
        map: (row) => copySecret(row.record, 'none'),
      })
    },
    touch(batch) {
      for (const use of batch) {
        const row = rowOf(use.ref)
        if (row?.record.id !== use.id) continue
        const { lastUsedAt, useCount } = row.record
        const isLater = lastUsedAt === undefined || use.lastUsedAt > lastUsedAt
        row.record = {
          ...row.record,
          lastUsedAt: isLater ? copyDate(use.lastUsedAt) : lastUsedAt,
          useCount: useCount + use.uses,
        }
      }
    },
  }
}

function recordToKeep(record: StoredSecret, before: StoredSecret | undefined): StoredSecret {
  const kept = copySecret(record, 'none')
  kept.versions = record.versions.map((version) => {
    const stored = before?.versions.find((old) => old.version === version.version)
    return copyVersion(version, version.envelope ?? stored?.envelope)
  })
  if (before === undefined) return kept
  kept.useCount = before.useCount
  delete kept.lastUsedAt
  if (before.lastUsedAt !== undefined) kept.lastUsedAt = before.lastUsedAt
  return kept
}

/** One letter before the value keeps the lists of owners, servers, grantees and data keys apart. */
function listKeys({ ref, dekId, grants }: StoredSecret): string[] {
  return ['*', `o${ref.owner}`, `s${ref.server}`, `d${dekId}`, ...grants.map((grant) => `g${grant.principal}`)]
}

/** Puts `row` in the place of `before`. Lists that hold both change one element and move none. */
function relist(index: SecretIndex, before: Row | undefined, row: Row): void {
  const keys = new Set(listKeys(row.record))
  if (before !== undefined) {
    const stays = compareCreated(before, row) === 0
    for (const key of listKeys(before.record)) if (!stays || !keys.has(key)) index.delete(key, before)
  }
  for (const key of keys) index.set(key, row)
}

/** The narrowest ordered list that holds every record of the query. */
function candidates(index: SecretIndex, query: SecretQuery): Iterable<Row> {
  if (query.owner !== undefined) return index.descending(`o${query.owner}`, query.after)
  if (query.visibleTo !== undefined) {
    const granted = index.descending(`g${query.visibleTo}`, query.after)
    if (query.notOwner === query.visibleTo) return granted
    return newestFirst(index.descending(`o${query.visibleTo}`, query.after), granted)
  }
  if (query.dekId !== undefined) return index.descending(`d${query.dekId}`, query.after)
  if (query.server !== undefined) return index.descending(`s${query.server}`, query.after)
  return index.descending('*', query.after)
}

/** Merges two descending lists; what is in both comes once. */
function* newestFirst(left: Iterable<Row>, right: Iterable<Row>): Iterable<Row> {
  const lefts = left[Symbol.iterator]()
  const rights = right[Symbol.iterator]()
  const next = (rows: Iterator<Row>): Row | undefined => {
    const step = rows.next()
    return step.done === true ? undefined : step.value
  }
  let a = next(lefts)
  let b = next(rights)
  while (a !== undefined && b !== undefined) {
    const order = compareCreated(a, b)
    yield order < 0 ? b : a
    if (order >= 0) a = next(lefts)
    if (order <= 0) b = next(rights)
  }
  for (; a !== undefined; a = next(lefts)) yield a
  for (; b !== undefined; b = next(rights)) yield b
}

function mapOf<V>(maps: Map<string, Map<string, V>>, key: string): Map<string, V> {
  let map = maps.get(key)
  if (map === undefined) {
    map = new Map()
    maps.set(key, map)
  }
  return map
}

function drop(owners: Owners, { owner, server, name }: SecretRef): void {
  const servers = owners.get(owner)
  const names = servers?.get(server)
  names?.delete(name)
  if (names?.size === 0) servers?.delete(server)
  if (servers?.size === 0) owners.delete(owner)
}
