// The lists that a secret is in, and the ones that a query walks: each ends where the rest of the query is looked at.
import type { SecretQuery, SecretRef, StoredSecret } from '@mcpvault/core'
import { partsOf } from './members.ts'

const everything = 'all'
const expiring = 'expiring'

/** The names of the lists that have this record. */
export function listNamesOf({ ref, type, tags, grants, dekId, expiresAt }: StoredSecret): readonly string[] {
  return [
    everything,
    ...(expiresAt === undefined ? [] : [expiring]),
    named('owner', ref.owner),
    named('scope', `${ref.owner}\u0001${ref.server}`),
    named('server', ref.server),
    named('type', type),
    named('key', dekId),
    ...tags.map((tag) => named('tag', tag)),
    ...grants.map(({ principal }) => named('grantee', principal)),
  ]
}

/** The lists whose union has everything that the query asks for, and probably the least beside it. */
export function listsFor(query: SecretQuery): readonly string[] {
  const { visibleTo, owner } = query
  if (visibleTo === undefined) return ownLists(query)
  const granted = named('grantee', visibleTo)
  if (owner !== undefined && owner !== visibleTo) return [granted]
  return [...ownLists({ ...query, owner: visibleTo }), granted]
}

function ownLists({ owner, server, dekId, tagsAll, tagsAny, type, expiresBefore }: SecretQuery): readonly string[] {
  if (dekId !== undefined) return [named('key', dekId)]
  if (owner !== undefined)
    return [server === undefined ? named('owner', owner) : named('scope', `${owner}\u0001${server}`)]
  const [tag] = tagsAll ?? []
  if (tag !== undefined) return [named('tag', tag)]
  if (tagsAny !== undefined) return tagsAny.map((each) => named('tag', each))
  if (expiresBefore !== undefined) return [expiring]
  if (server !== undefined) return [named('server', server)]
  return [type === undefined ? everything : named('type', type)]
}

/** Names hold no control characters, so one keeps the kind and its value apart, and values of different kinds too. */
function named(kind: string, value: string): string {
  return `${kind}\u0001${value}`
}

export interface Place {
  readonly createdAt: Date
  readonly id: string
  readonly ref: SecretRef
}

/** What a member of such a list says. */
export function placeOf(member: Buffer): Place {
  const [time = '', id = '', owner = '', server = '', name = ''] = partsOf(member)
  return { createdAt: dateOf(time), id, ref: { owner, server, name } }
}

function dateOf(time: string): Date {
  return new Date(Number(BigInt(`0x${time || '0'}`) - 8_640_000_000_000_000n))
}

/** Whether a record is what a query asks for. */
export function satisfies(record: StoredSecret, query: SecretQuery): boolean {
  const { ref, grants, tags, expiresAt } = record
  const { visibleTo, tagsAny, tagsAll, expiresBefore, states } = query
  const isVisible = ref.owner === visibleTo || grants.some(({ principal }) => principal === visibleTo)
  return (
    is(query.owner, ref.owner) &&
    is(query.server, ref.server) &&
    is(query.type, record.type) &&
    is(query.tier, record.tier) &&
    is(query.dekId, record.dekId) &&
    (visibleTo === undefined || isVisible) &&
    (states === undefined || states.includes(record.state)) &&
    (tagsAny === undefined || tagsAny.some((tag) => tags.includes(tag))) &&
    (tagsAll === undefined || tagsAll.every((tag) => tags.includes(tag))) &&
    (expiresBefore === undefined || (expiresAt !== undefined && expiresAt.getTime() < expiresBefore.getTime()))
  )
}

function is<T>(wanted: T | undefined, found: T): boolean {
  return wanted === undefined || wanted === found
}
