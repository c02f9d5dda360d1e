// The statements of pages, whose text depends on the conditions; each walks an index from the cursor and stops.
import type { AuditCursor, AuditFilter, DataKeyQuery, SecretQuery } from '@mcpvault/core'
import type { Query, SqliteValue } from './client.ts'
import {
  type AuditDbRow,
  auditResult,
  type DataKeyRow,
  dataKeyColumns,
  type NamedRecordRow,
  namedRecordColumns,
} from './statements.ts'

/** A statement with its values. */
export interface Page<Row extends readonly unknown[]> {
  readonly query: Query<Row>
  readonly values: readonly SqliteValue[]
}

/** Text with the values of its question marks. */
interface Part {
  readonly text: string
  readonly values: readonly SqliteValue[]
}

const allStates = ['active', 'inactive', 'deleted'] as const
/** With more tags than this, one list is walked and filtered rather than one walked for each. */
const maxTagLists = 8

/**
 * One page of secrets. Each branch is an ordered list of its own that gives at most a page of keys; their union is
 * cut to the page. So the cost does not depend on where the cursor stands.
 */
export function secretPage(query: SecretQuery): Page<NamedRecordRow> {
  const branches = branchesOf(query)
  const keys = branches.map(({ text }) => `SELECT ${listColumns} FROM (${text})`).join(' UNION ')
  return {
    query: {
      sql: `SELECT ${namedRecordColumns} FROM (${keys || 'SELECT 0 AS key, 0 AS created_at, 0 AS id WHERE false'}) p
        CROSS JOIN mcpvault_secrets s ON s.key = p.key ORDER BY p.created_at DESC, p.id DESC LIMIT ?`,
    },
    values: [...branches.flatMap(({ values }) => values), query.limit],
  }
}

/** Each named outright, since a connection may have columns without a name of their own called by their table too. */
const listColumns = 'key AS key, created_at AS created_at, id AS id'

function branchesOf(query: SecretQuery): Part[] {
  const { visibleTo, owner, notOwner } = query
  if (visibleTo === undefined) return ownBranches(query)
  const hasOwn = (owner === undefined || owner === visibleTo) && notOwner !== visibleTo
  const own = hasOwn ? ownBranches({ ...query, owner: visibleTo }) : []
  const granted = listBranch(query, {
    table: 'mcpvault_grants l INDEXED BY mcpvault_grants_principal',
    where: { text: 'l.principal = ?', values: [visibleTo] },
  })
  return [...own, granted]
}

function ownBranches(query: SecretQuery): Part[] {
  const { owner, dekId } = query
  const tags = query.tagsAll?.slice(0, 1) ?? query.tagsAny ?? []
  if (owner !== undefined && dekId === undefined && tags.length > 0 && tags.length <= maxTagLists) {
    return tags.map((tag) =>
      listBranch(query, {
        table: 'mcpvault_tags l INDEXED BY mcpvault_tags_owner',
        where: { text: 'l.owner = ? AND l.tag = ?', values: [owner, tag] },
      }),
    )
  }
  return (query.states ?? allStates).map((state) => stateBranch(query, state))
}

/** Walks another table that lists secrets in their order. */
function listBranch(query: SecretQuery, { table, where }: { readonly table: string; readonly where: Part }): Part {
  const parts = [where, ...conditionsOf(query), ...cursorOf(query, 'l')]
  if (query.states !== undefined) parts.push(oneOf('s.state', query.states))
  return {
    text: `SELECT s.key AS key, l.created_at AS created_at, l.id AS id FROM ${table}
      CROSS JOIN mcpvault_secrets s ON s.key = l.secret WHERE ${both(parts)} ORDER BY l.created_at DESC, l.id DESC LIMIT ?`,
    values: [...valuesOf(parts), query.limit],
  }
}

/** Walks an index of the secrets themselves. */
function stateBranch(query: SecretQuery, state: string): Part {
  const parts = [{ text: 's.state = ?', values: [state] }, ...conditionsOf(query), ...cursorOf(query, 's')]
  return {
    text: `SELECT s.key AS key, s.created_at AS created_at, s.id AS id FROM mcpvault_secrets s
      INDEXED BY mcpvault_secrets_${indexFor(query)} WHERE ${both(parts)} ORDER BY s.created_at DESC, s.id DESC LIMIT ?`,
    values: [...valuesOf(parts), query.limit],
  }
}

/** The index that is likely to hold the fewest other secrets; without a fitting one, that of all secrets by their time. */
function indexFor({ dekId, owner, server, expiresBefore }: SecretQuery): string {
  if (dekId !== undefined) return 'dek'
  if (owner !== undefined) return server === undefined ? 'owner' : 'scope'
  return expiresBefore === undefined ? 'state' : 'expiry'
}

function conditionsOf(query: SecretQuery): Part[] {
  const parts: Part[] = equalities({
    's.owner': query.owner,
    's.server': query.server,
    's.type': query.type,
    's.tier': query.tier,
    's.dek_id': query.dekId,
  })
  const { notOwner, expiresBefore, tagsAny, tagsAll } = query
  if (notOwner !== undefined) parts.push({ text: 's.owner <> ?', values: [notOwner] })
  if (expiresBefore !== undefined) parts.push({ text: 's.expires_at < ?', values: [expiresBefore.getTime()] })
  const hasTag = 'EXISTS (SELECT 1 FROM mcpvault_tags t WHERE t.secret = s.key AND t.tag'
  if (tagsAny !== undefined) {
    parts.push({ text: `${hasTag} IN (SELECT value FROM json_each(?)))`, values: [JSON.stringify(tagsAny)] })
  }
  if (tagsAll !== undefined) {
    parts.push({
      text: `NOT EXISTS (SELECT 1 FROM json_each(?) j WHERE NOT ${hasTag} = j.value))`,
      values: [JSON.stringify(tagsAll)],
    })
  }
  return parts
}

function cursorOf({ after }: SecretQuery, table: string): Part[] {
  if (after === undefined) return []
  return [{ text: `(${table}.created_at, ${table}.id) < (?, ?)`, values: [after.createdAt.getTime(), after.id] }]
}

/** One page of audit rows. */
export function auditPage(
  filter: AuditFilter,
  { limit, after }: { readonly limit: number; readonly after: AuditCursor | undefined },
): Page<AuditDbRow> {
  const parts: Part[] = equalities({
    // The plus hides the equality from SQLite's planner, which would drop the stream from the order of the page, and
    // then sort rows that the index has sorted already.
    '+stream': filter.stream,
    correlation_id: filter.correlationId,
    secret_id: filter.secretId,
    owner: filter.owner,
    principal: filter.principal,
    server: filter.server,
    name: filter.name,
  })
  if (filter.actions !== undefined) parts.push(oneOf('action', filter.actions))
  if (filter.outcomes !== undefined) parts.push(oneOf('outcome', filter.outcomes))
  // The plus leaves the bounds of the walk to the index alone.
  parts.push({ text: '+at >= ? AND sequence BETWEEN 0 AND ?', values: [-latestMs, Number.MAX_SAFE_INTEGER] })
  if (filter.from !== undefined) parts.push({ text: 'at >= ?', values: [filter.from.getTime()] })
  parts.push(...upperBoundOf(filter, after))
  return {
    query: {
      sql: `SELECT ${auditResult} FROM mcpvault_audit INDEXED BY mcpvault_audit_${auditIndexFor(filter)}
        WHERE ${both(parts)} ORDER BY at DESC, stream DESC, sequence DESC LIMIT ?`,
    },
    values: [...valuesOf(parts), limit],
  }
}

// A row in no place that a vault could give it has no cursor: it is left to verification.
const latestMs = 8.64e15

/** Only the earlier bound: given both, SQLite may begin at the later one and read the pages before again. */
function upperBoundOf({ to }: AuditFilter, after: AuditCursor | undefined): Part[] {
  if (after === undefined) return [{ text: 'at < ?', values: [to?.getTime() ?? latestMs + 1] }]
  if (to !== undefined && to <= after.at) return [{ text: 'at < ?', values: [to.getTime()] }]
  const values = [after.at.getTime(), after.stream, after.sequence]
  return [{ text: '(at, stream, sequence) < (?, ?, ?)', values }]
}

/** A principal that may not audit everything asks for an owner or a principal; all other queries walk by time. */
function auditIndexFor({ owner, principal }: AuditFilter): string {
  if (owner !== undefined) return 'owner'
  return principal === undefined ? 'at' : 'principal'
}

/** One page of data keys. */
export function dataKeyPage(query: DataKeyQuery): Page<DataKeyRow> {
  const { owner, after = '', limit } = query
  const parts: Part[] = [{ text: 'id > ?', values: [after] }, ...equalities({ owner })]
  return {
    query: { sql: `SELECT ${dataKeyColumns} FROM mcpvault_data_keys WHERE ${both(parts)} ORDER BY id LIMIT ?` },
    values: [...valuesOf(parts), limit],
  }
}

function equalities(wanted: Readonly<Record<string, string | number | undefined>>): Part[] {
  const parts: Part[] = []
  for (const [column, value] of Object.entries(wanted)) {
    if (value !== undefined) parts.push({ text: `${column} = ?`, values: [value] })
  }
  return parts
}

function oneOf(column: string, values: readonly string[]): Part {
  return { text: `${column} IN (SELECT value FROM json_each(?))`, values: [JSON.stringify(values)] }
}

function both(parts: readonly Part[]): string {
  return parts.map(({ text }) => text).join(' AND ') || 'true'
}

function valuesOf(parts: readonly Part[]): SqliteValue[] {
  return parts.flatMap(({ values }) => values)
}
