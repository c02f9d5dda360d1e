// The statements of pages, whose text depends on the conditions; each walks indexes from the cursor and stops.
import type { AuditCursor, AuditFilter, DataKeyQuery, SecretQuery } from '@mcpvault/core'
import { auditColumns, dataKeyColumns, recordColumns } from './statements.ts'

/** A statement with its values. It is planned for them, since one plan does not suit all. */
export interface Page {
  readonly text: string
  readonly values: readonly unknown[]
}

/** Gives each value the number of its parameter. */
type Bind = (value: unknown) => string

const allStates = ['active', 'inactive', 'deleted'] as const
/** With more tags than this, one list is walked and filtered rather than one walked for each. */
const maxTagLists = 8

function withValues(build: (bind: Bind) => string): Page {
  const values: unknown[] = []
  const text = build((value) => `$${values.push(value)}`)
  return { text, values }
}

/**
 * One page of secrets. Each branch is an ordered list of its own that gives at most a page of keys; their union is
 * cut to the page. So the cost is that of a page, wherever the cursor stands.
 */
export function secretPage(query: SecretQuery): Page {
  return withValues((bind) => {
    const branches = branchesOf(query, bind).map((branch) => `(${branch})`)
    const keys = branches.join(' UNION ') || 'SELECT 0::bigint AS key, 0::bigint AS created_at, NULL AS id WHERE false'
    return `SELECT s.owner, s.server, s.name, ${recordColumns}
      FROM (SELECT * FROM (${keys}) u ORDER BY u.created_at DESC, u.id COLLATE "C" DESC LIMIT ${bind(query.limit)}) p
      JOIN mcpvault_secrets s ON s.key = p.key ORDER BY p.created_at DESC, p.id COLLATE "C" DESC`
  })
}

function branchesOf(query: SecretQuery, bind: Bind): string[] {
  const { visibleTo, owner, notOwner } = query
  if (visibleTo === undefined) return ownBranches(query, bind)
  const hasOwn = (owner === undefined || owner === visibleTo) && notOwner !== visibleTo
  const own = hasOwn ? ownBranches({ ...query, owner: visibleTo }, bind) : []
  const granted = listBranch(query, { bind, table: 'mcpvault_grants', where: `l.principal = ${bind(visibleTo)}` })
  return [...own, granted]
}

function ownBranches(query: SecretQuery, bind: Bind): string[] {
  const tags = query.tagsAll?.slice(0, 1) ?? query.tagsAny ?? []
  const { owner, dekId } = query
  // Tags are listed by owner: nobody asks for those of everybody, whose secrets are walked and filtered.
  if (owner !== undefined && dekId === undefined && tags.length > 0 && tags.length <= maxTagLists) {
    return tags.map((tag) =>
      listBranch(query, { bind, table: 'mcpvault_tags', where: `l.owner = ${bind(owner)} AND l.tag = ${bind(tag)}` }),
    )
  }
  return (query.states ?? allStates).map((state) => stateBranch(query, { bind, state }))
}

interface List {
  readonly bind: Bind
  readonly table: 'mcpvault_grants' | 'mcpvault_tags'
  readonly where: string
}

/** Walks a list that stands beside the secrets. */
function listBranch(query: SecretQuery, { bind, table, where }: List): string {
  const parts = [where, ...conditionsOf(query, bind), ...cursorOf(query, { bind, table: 'l' })]
  if (query.states !== undefined) parts.push(oneOf('s.state', { bind, values: query.states }))
  return `SELECT s.key, l.created_at, l.id FROM ${table} l JOIN mcpvault_secrets s ON s.key = l.secret
    WHERE ${parts.join(' AND ')} ORDER BY l.created_at DESC, l.id DESC LIMIT ${bind(query.limit)}`
}

/** Walks an index of the secrets themselves. */
function stateBranch(query: SecretQuery, { bind, state }: { readonly bind: Bind; readonly state: string }): string {
  const parts = [`s.state = ${bind(state)}`, ...conditionsOf(query, bind), ...cursorOf(query, { bind, table: 's' })]
  return `SELECT s.key, s.created_at, s.id FROM mcpvault_secrets s
    WHERE ${parts.join(' AND ')} ORDER BY s.created_at DESC, s.id DESC LIMIT ${bind(query.limit)}`
}

function conditionsOf(query: SecretQuery, bind: Bind): string[] {
  const { owner, notOwner, server, type, tier, dekId, expiresBefore, tagsAny, tagsAll } = query
  const parts = equalities(
    { 's.owner': owner, 's.server': server, 's.type': type, 's.tier': tier, 's.dek_id': dekId },
    bind,
  )
  if (notOwner !== undefined) parts.push(`s.owner <> ${bind(notOwner)}`)
  if (expiresBefore !== undefined) parts.push(`s.expires_at < ${bind(expiresBefore.getTime())}`)
  const tag = 'FROM mcpvault_tags t WHERE t.secret = s.key AND t.tag'
  if (tagsAny !== undefined) parts.push(`EXISTS (SELECT 1 ${tag} = ANY (${bind(tagsAny)}::text[]))`)
  if (tagsAll !== undefined) {
    const wanted = [...new Set(tagsAll)]
    parts.push(`(SELECT count(*) ${tag} = ANY (${bind(wanted)}::text[])) = ${bind(wanted.length)}`)
  }
  return parts
}

function cursorOf({ after }: SecretQuery, { bind, table }: { readonly bind: Bind; readonly table: string }): string[] {
  if (after === undefined) return []
  return [`(${table}.created_at, ${table}.id) < (${bind(after.createdAt.getTime())}, ${bind(after.id)})`]
}

/** A row in no place that a vault could give it has no cursor: it is left to verification. */
const inPlace = `sequence BETWEEN 0 AND ${Number.MAX_SAFE_INTEGER} AND at BETWEEN -8640000000000000 AND 8640000000000000`

/** One page of audit rows. */
export function auditPage(
  filter: AuditFilter,
  { limit, after }: { readonly limit: number; readonly after: AuditCursor | undefined },
): Page {
  return withValues((bind) => {
    const { stream, correlationId, secretId, owner, principal, server, name, actions, outcomes, from, to } = filter
    const wanted = { stream, correlation_id: correlationId, secret_id: secretId, owner, principal, server, name }
    const parts = [inPlace, ...equalities(wanted, bind)]
    if (actions !== undefined) parts.push(oneOf('action', { bind, values: actions }))
    if (outcomes !== undefined) parts.push(oneOf('outcome', { bind, values: outcomes }))
    if (from !== undefined) parts.push(`at >= ${bind(from.getTime())}`)
    if (to !== undefined) parts.push(`at < ${bind(to.getTime())}`)
    if (after !== undefined) {
      const place = [after.at.getTime(), after.stream, after.sequence].map(bind).join(', ')
      parts.push(`(at, stream, sequence) < (${place})`)
    }
    return `SELECT ${auditColumns} FROM mcpvault_audit WHERE ${parts.join(' AND ')}
      ORDER BY at DESC, stream DESC, sequence DESC LIMIT ${bind(limit)}`
  })
}

/** One page of data keys. */
export function dataKeyPage({ owner, after = '', limit }: DataKeyQuery): Page {
  return withValues((bind) => {
    const parts = [`id > ${bind(after)}`, ...equalities({ owner }, bind)]
    return `SELECT ${dataKeyColumns} FROM mcpvault_data_keys
      WHERE ${parts.join(' AND ')} ORDER BY id LIMIT ${bind(limit)}`
  })
}

function equalities(wanted: Readonly<Record<string, string | number | undefined>>, bind: Bind): string[] {
  return Object.entries(wanted).flatMap(([column, value]) =>
    value === undefined ? [] : [`${column} = ${bind(value)}`],
  )
}

function oneOf(column: string, { bind, values }: { readonly bind: Bind; readonly values: readonly string[] }): string {
  return `${column} = ANY (${bind(values)}::text[])`
}
