// What the fields of a query mean, for stores that look at what they found instead of leaving that to a database.
import type { AuditRow } from './audit.ts'
import type { AuditFilter } from './audit-store.ts'
import type { StoredSecret } from './secret.ts'
import type { SecretQuery } from './store.ts'

/**
 * Whether a record is what the query asks for. The place in the list and the limit are not looked at.
 *
 * @example
 * const found = records.filter((record) => matchesSecretQuery(record, { owner: 'alice', tagsAny: ['ci'] }))
 */
export function matchesSecretQuery(record: StoredSecret, query: Omit<SecretQuery, 'after' | 'limit'>): boolean {
  const { ref, tags, grants, expiresAt } = record
  const { visibleTo, notOwner, tagsAny, tagsAll, states, expiresBefore } = query
  return (
    isWanted(query.owner, ref.owner) &&
    isWanted(query.server, ref.server) &&
    isWanted(query.type, record.type) &&
    isWanted(query.tier, record.tier) &&
    isWanted(query.dekId, record.dekId) &&
    (states === undefined || states.includes(record.state)) &&
    (notOwner === undefined || ref.owner !== notOwner) &&
    (visibleTo === undefined || ref.owner === visibleTo || grants.some(({ principal }) => principal === visibleTo)) &&
    (tagsAny === undefined || tagsAny.some((tag) => tags.includes(tag))) &&
    (tagsAll === undefined || tagsAll.every((tag) => tags.includes(tag))) &&
    (expiresBefore === undefined || (expiresAt !== undefined && expiresAt < expiresBefore))
  )
}

/**
 * Whether an audit row is what the filter asks for.
 *
 * @example
 * const found = rows.filter((row) => matchesAuditFilter(row, { principal: 'alice', outcomes: ['denied'] }))
 */
export function matchesAuditFilter(
  { stream, columns }: Pick<AuditRow, 'stream' | 'columns'>,
  filter: AuditFilter,
): boolean {
  const { from, to, actions, outcomes } = filter
  return (
    isWanted(filter.stream, stream) &&
    isWanted(filter.principal, columns.principal) &&
    isWanted(filter.owner, columns.owner) &&
    isWanted(filter.server, columns.server) &&
    isWanted(filter.name, columns.name) &&
    isWanted(filter.secretId, columns.secretId) &&
    isWanted(filter.correlationId, columns.correlationId) &&
    (actions === undefined || actions.includes(columns.action)) &&
    (outcomes === undefined || outcomes.includes(columns.outcome)) &&
    (from === undefined || columns.at >= from) &&
    (to === undefined || columns.at < to)
  )
}

function isWanted<T>(wanted: T | undefined, found: T | undefined): boolean {
  return wanted === undefined || wanted === found
}
