// Listing secrets of a scope, or everything a principal owns or was given: never a value, nothing decrypted.
import {
  matchesSecretQuery,
  type Scope,
  type SecretCursor,
  type SecretInfo,
  type SecretQuery,
  type SecretState,
  type StoredSecret,
  type UntrustedInfo,
} from '../../contracts/index.ts'
import { badCursor, type PageQuestion } from '../cursors.ts'
import { audited, type Call, type Caller, type Outcome } from '../operation.ts'
import { isInstant, type ParsedList } from '../parse/list.ts'
import { admitRecord } from '../record/admit.ts'
import { infoFor } from '../record/canary.ts'
import { isTampered } from '../record/load.ts'

/** One page, newest first. */
export interface SecretPage {
  readonly items: readonly (SecretInfo | UntrustedInfo)[]
  /** Where the next page begins; absent on the last one. */
  readonly cursor: string | undefined
}

/** A page needs several queries when the principal may not see most of the records. */
const maxQueries = 10

/** Lists one scope, or with `visible` all that the principal owns or was given. */
export function listSecrets(
  caller: Caller,
  { scope, list }: { readonly scope: Scope | 'visible'; readonly list: ParsedList },
): Promise<SecretPage> {
  const { principal } = caller
  const operation = scope === 'visible' ? 'listAll' : 'list'
  const ref = scope === 'visible' ? {} : { ref: scope }
  return audited(caller, { operation, action: 'secret.listed', signal: list.signal, ...ref }, async (call) => {
    const { clock, rules } = call.runtime.config
    const query = queryOf(list, clock.now())
    if (scope === 'visible') return counted(await fillPage(call, { ...query, ...ownership(principal.id, list) }, list))
    if (principal.id === scope.owner) return counted(await fillPage(call, { ...query, ...scope }, list))
    // Without roles only grants count. The store filters by them, so no cursor shows how many other secrets there are.
    const visible = rules.onAnySecret(principal) ? {} : { visibleTo: principal.id }
    const page = await fillPage(call, { ...query, ...scope, ...visible }, list)
    if (page.items.length > 0) return counted(page)
    const isEmpty = await isEmptyScope(call, scope)
    return { result: page, event: { count: 0, ...(isEmpty ? nothingThere : nothingShown) } }
  })
}

/** Own secrets are found by their owner; those that others gave are no more to a store than the grants. */
function ownership(id: string, { server, shared }: ParsedList): Omit<SecretQuery, 'limit'> {
  const ofServer = server === undefined ? {} : { server }
  if (shared === undefined) return { ...ofServer, visibleTo: id }
  return shared ? { ...ofServer, visibleTo: id, notOwner: id } : { ...ofServer, owner: id }
}

function counted(page: SecretPage): Outcome<SecretPage> {
  return { result: page, event: { count: page.items.length } }
}

const nothingThere = { outcome: 'missing' } as const
const nothingShown = { outcome: 'denied', hidden: true } as const

/** For the event alone, which tells a scope without secrets from one whose secrets the principal may not see. */
async function isEmptyScope(call: Call, { owner, server }: Scope): Promise<boolean> {
  const some = await call.runtime.store.secrets.list({ owner, server, limit: 1 }, call.serving)
  return some.length === 0
}

/** The minimum limit of a query whose records the principal may not all see, so that few queries fill a page. */
const minRecords = 200
/** What a store takes at most. */
const maxRecords = 1_000

async function fillPage(call: Call, base: Omit<SecretQuery, 'limit'>, list: ParsedList): Promise<SecretPage> {
  const { runtime, serving, signal, principal } = call
  const request = { question: questionOf(call, list), signal }
  const items: (SecretInfo | UntrustedInfo)[] = []
  const own = base.owner === undefined || base.owner === principal.id
  const isSifted = list.namePrefix !== undefined
  let after = list.cursor === undefined ? undefined : placeOf(await runtime.cursors.open(list.cursor, request))
  let shown = after
  const seal = ({ createdAt, id }: SecretCursor): Promise<string> =>
    runtime.cursors.seal([createdAt.getTime(), id], request)
  for (let query = 0; query < maxQueries; query++) {
    // One more than the page holds: a cursor must not tell that nothing but what is left out comes after it.
    const wanted = list.limit + 1 - items.length
    // Few names may begin as asked, which no store looks at: after a first look it brings as much as it can.
    const minLimit = own && !isSifted ? wanted : isSifted && query > 0 ? maxRecords : minRecords
    const limit = Math.min(Math.max(wanted, minLimit), maxRecords)
    const position = after === undefined ? {} : { after }
    const since = runtime.seen.now()
    const records = await runtime.store.secrets.list({ ...base, ...position, limit }, serving)
    for (const record of records) {
      after = { createdAt: record.createdAt, id: record.id }
      const item = await itemOf(call, record, { since, query: base })
      if (item === undefined || !isWanted(item, list)) continue
      if (items.length === list.limit) return { items, cursor: shown && (await seal(shown)) }
      items.push(item)
      shown = after
    }
    if (records.length < limit) return { items, cursor: undefined }
  }
  return { items, cursor: after && (await seal(after)) }
}

/** What a cursor is bound to. */
function questionOf({ principal, operation, ref }: Call, list: ParsedList): PageQuestion {
  const { tagsAny, tagsAll, type, tier, state, expiresBefore, namePrefix, server, shared } = list
  const filters = [tagsAny, tagsAll, type, tier, state, expiresBefore, namePrefix, server, shared]
  return [principal.id, operation, ref?.owner, ref?.server, ...filters]
}

function placeOf([ms, id]: readonly unknown[]): SecretCursor {
  if (!isInstant(ms) || typeof id !== 'string') throw badCursor()
  return { createdAt: new Date(ms), id }
}

/** What the principal sees of a record; undefined when it is not for the principal. */
async function itemOf(
  call: Call,
  record: StoredSecret,
  { since, query }: { readonly since: number; readonly query: Omit<SecretQuery, 'limit'> },
): Promise<SecretInfo | UntrustedInfo | undefined> {
  const { ref } = record
  const admission = await admitRecord(call, record, { ref, since, operation: 'list', deleted: 'yes' })
  if (admission.kind === 'granted') {
    // The store answers from columns that no seal covers, so what the seal covers is compared again.
    return matchesSecretQuery(record, query) ? infoFor(admission, call.runtime.config.clock.now()) : undefined
  }
  if (admission.kind !== 'untrusted') return undefined
  if (admission.known && !isTampered(admission.error)) throw admission.error
  if (call.principal.id !== ref.owner) return undefined
  return Object.freeze({ owner: ref.owner, server: ref.server, name: ref.name, state: 'untrusted' })
}

/** The conditions that the store checks. Those that depend on the time are checked again here. */
function queryOf(list: ParsedList, now: Date): Omit<SecretQuery, 'limit'> {
  const { tagsAny, tagsAll, type, tier, state, expiresBefore } = list
  const before = state === 'expired' ? earlier(expiresBefore, new Date(now.getTime() + 1)) : expiresBefore
  return {
    ...(tagsAny === undefined ? {} : { tagsAny }),
    ...(tagsAll === undefined ? {} : { tagsAll }),
    ...(type === undefined ? {} : { type }),
    ...(tier === undefined ? {} : { tier }),
    ...(before === undefined ? {} : { expiresBefore: before }),
    ...(state === 'any' ? {} : { states: [storedState(state)] }),
  }
}

function storedState(state: SecretState | 'expired'): SecretState {
  return state === 'expired' ? 'active' : state
}

function earlier(a: Date | undefined, b: Date): Date {
  return a !== undefined && a.getTime() < b.getTime() ? a : b
}

/** The conditions that no store looks at: the state at this time, and how the name begins. */
function isWanted({ name, state }: SecretInfo | UntrustedInfo, list: ParsedList): boolean {
  if (list.namePrefix !== undefined && !name.startsWith(list.namePrefix)) return false
  return list.state === 'any' || state === 'untrusted' || state === list.state
}
