// The options of list, listAll and auditLog.

import type { AuditFilter, SecretState, Tier } from '../../contracts/index.ts'
import { auditActions, ownOptions } from '../../contracts/index.ts'
import { VaultError } from '../../errors/index.ts'
import { cursorBytes } from '../cursors.ts'
import { parseCorrelationId, parseName } from './names.ts'
import { parseTags, parseTier } from './settings.ts'
import {
  parseBoolean,
  parseDate,
  parseInteger,
  parseOptional,
  parseSignal,
  parseString,
  parseStrings,
} from './shapes.ts'
import { refuseUnknown } from './unknown.ts'

/** Which secrets to list. Conditions all hold. */
export interface ListOptions {
  /** Has this tag. */
  readonly tag?: string
  /** Has at least one of these tags. */
  readonly anyTag?: readonly string[]
  /** Has all of these tags. */
  readonly allTags?: readonly string[]
  readonly type?: string
  readonly tier?: Tier
  /** Default `active`, which leaves out what has expired. */
  readonly state?: SecretState | 'expired' | 'any'
  readonly expiresBefore?: Date
  /** The name begins with this, compared byte for byte; 1 to 256 bytes. */
  readonly namePrefix?: string
  /** From the page before, asked by the same principal with the same filters. Else `VAULT_VALUE_INVALID`. */
  readonly cursor?: string
  /** Secrets on a page: 1 to 1,000, default 100. A page may hold fewer and still have a cursor. */
  readonly limit?: number
  readonly signal?: AbortSignal | undefined
}

/** Which of all secrets that one owns or was given to list. */
export interface ListAllOptions extends ListOptions {
  /** Is for this MCP server. */
  readonly server?: string
  /** True: only what others own and gave to the principal. False: only what the principal owns. */
  readonly shared?: boolean
}

export interface ParsedList {
  readonly tagsAny: readonly string[] | undefined
  readonly tagsAll: readonly string[] | undefined
  readonly type: string | undefined
  readonly tier: Tier | undefined
  readonly state: NonNullable<ListOptions['state']>
  readonly expiresBefore: Date | undefined
  readonly namePrefix: string | undefined
  readonly server: string | undefined
  readonly shared: boolean | undefined
  readonly cursor: string | undefined
  readonly limit: number
  readonly signal: AbortSignal | undefined
}

const pageNames = ['cursor', 'limit', 'signal'] as const
const filterNames = ['tag', 'anyTag', 'allTags', 'type', 'tier', 'state', 'expiresBefore', 'namePrefix'] as const
const listStates = ['active', 'inactive', 'deleted', 'expired', 'any'] as const

/** Options of `list`, whose scope says owner and server. */
export function parseList(value: unknown): ParsedList {
  const given = parseOptional(value, 'options')
  refuseUnknown(given, [...filterNames, ...pageNames], 'options')
  return parseFilters(given)
}

/** Options of `listAll`. */
export function parseListAll(value: unknown): ParsedList {
  const given = parseOptional(value, 'options')
  refuseUnknown(given, ['server', 'shared', ...filterNames, ...pageNames], 'options')
  const { server, shared } = given
  return {
    ...parseFilters(given),
    server: server === undefined ? undefined : parseName(server, 'server'),
    shared: shared === undefined ? undefined : parseBoolean(shared, 'shared'),
  }
}

function parseFilters(given: Readonly<Record<string, unknown>>): ParsedList {
  const { tag, anyTag, allTags, type, tier, state, expiresBefore, namePrefix, cursor, limit, signal } = given
  const all = [
    ...(tag === undefined ? [] : [parseName(tag, 'tag')]),
    ...(allTags === undefined ? [] : parseTags(allTags, 'allTags')),
  ]
  return {
    tagsAny: anyTag === undefined ? undefined : parseTags(anyTag, 'anyTag'),
    tagsAll: all.length === 0 ? undefined : [...new Set(all)].sort(),
    type: type === undefined ? undefined : parseName(type, 'type'),
    tier: tier === undefined ? undefined : parseTier(tier),
    state: oneOf(state ?? 'active', listStates, 'state'),
    expiresBefore: expiresBefore === undefined ? undefined : parseDate(expiresBefore, 'expiresBefore'),
    namePrefix: namePrefix === undefined ? undefined : parseName(namePrefix, 'namePrefix'),
    server: undefined,
    shared: undefined,
    cursor: parseCursor(cursor),
    limit: parseLimit(limit),
    signal: parseSignal(signal),
  }
}

/** Which events to show. Conditions all hold. */
export interface AuditLogOptions extends Omit<AuditFilter, 'stream'> {
  /** From the page before, asked by the same principal with the same filters. Else `VAULT_VALUE_INVALID`. */
  readonly cursor?: string
  /** Events on a page: 1 to 1,000, default 100. */
  readonly limit?: number
  readonly signal?: AbortSignal | undefined
}

export interface ParsedAuditLog {
  readonly filter: AuditFilter
  readonly cursor: string | undefined
  readonly limit: number
  readonly signal: AbortSignal | undefined
}

const auditTexts = ['principal', 'owner', 'server', 'name', 'secretId', 'correlationId'] as const
const auditOutcomes = ['allowed', 'denied', 'missing', 'failed', 'intent'] as const

export function parseAuditLog(value: unknown): ParsedAuditLog {
  const given = parseOptional(value, 'options')
  const known = [...auditTexts, 'actions', 'outcomes', 'from', 'to', 'cursor', 'limit', 'signal']
  refuseUnknown(given, known, 'options')
  const { actions, outcomes, from, to, cursor, limit, signal } = given
  const texts = auditTexts.filter((field) => given[field] !== undefined)
  const filter: AuditFilter = ownOptions({
    ...Object.fromEntries(texts.map((field) => [field, parseText(given[field], field)])),
    ...(actions === undefined
      ? {}
      : { actions: parseStrings(actions, 'actions').map((a) => oneOf(a, auditActions, 'actions')) }),
    ...(outcomes === undefined
      ? {}
      : { outcomes: parseStrings(outcomes, 'outcomes').map((o) => oneOf(o, auditOutcomes, 'outcomes')) }),
    ...(from === undefined ? {} : { from: parseDate(from, 'from') }),
    ...(to === undefined ? {} : { to: parseDate(to, 'to') }),
  })
  return { filter, cursor: parseCursor(cursor), limit: parseLimit(limit), signal: parseSignal(signal) }
}

/** The same for a walk over all pages, which are as large as can be unless `limit` says otherwise. */
export function parseAuditPages(value: unknown): ParsedAuditLog {
  const given = parseOptional(value, 'options')
  return parseAuditLog(given['limit'] === undefined ? ownOptions({ ...given, limit: maxLimit }) : given)
}

/** A correlation id is looked for as it was kept. */
function parseText(value: unknown, field: (typeof auditTexts)[number]): string {
  return field === 'correlationId' ? parseCorrelationId(value) : parseName(value, field)
}

function parseCursor(value: unknown): string | undefined {
  if (value === undefined) return undefined
  const cursor = parseString(value, 'cursor')
  cursorBytes(cursor)
  return cursor
}

/** Whether a number of a cursor can be a time or a sequence. */
export function isInstant(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && Math.abs(value) <= 8.64e15
}

const maxLimit = 1_000

function parseLimit(value: unknown): number {
  if (value === undefined) return 100
  const limit = parseInteger(value, 'limit')
  if (limit >= 1 && limit <= maxLimit) return limit
  throw new VaultError('VAULT_VALUE_INVALID', { detail: 'must be from 1 to 1,000.', field: 'limit' })
}

function oneOf<const T extends string>(value: unknown, allowed: readonly T[], field: string): T {
  const text = parseString(value, field)
  const found = allowed.find((candidate) => candidate === text)
  if (found === undefined)
    throw new VaultError('VAULT_VALUE_INVALID', { detail: `must be one of ${allowed.join(', ')}.`, field })
  return found
}
