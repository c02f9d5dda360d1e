// Listing secrets of a scope, or everything a principal owns or was given: never a value, nothing decrypted.
import type { Scope, SecretInfo, SecretQuery, SecretState, StoredSecret, UntrustedInfo } from '../../contracts/index.ts'
import { audited, type Call, type Caller, type Outcome } from '../operation.ts'
import { encodeSecretCursor, type ParsedList } from '../parse/list.ts'
import { admitRecord } from '../record/admit.ts'
import { infoOf } from '../record/describe.ts'
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
    if (scope === 'visible') return counted(await fillPage(call, { ...query, visibleTo: principal.id }, list))
    if (principal.id === scope.owner) return counted(await fillPage(call, { ...query, ...scope }, list))
    // Without roles only grants count. The store filters by them, so no cursor shows how many other secrets there are.
    const visible = rules.onAnySecret(principal) ? {} : { visibleTo: principal.id }
    const page = await fillPage(call, { ...query, ...scope, ...visible }, list)
    if (page.items.length > 0) return counted(page)
    return { result: page, event: { count: 0, outcome: (await isEmptyScope(call, scope)) ? 'missing' : 'denied' } }
  })
}

function counted(page: SecretPage): Outcome<SecretPage> {
  return { result: page, event: { count: page.items.length } }
}

/** For the event alone, which tells a scope without secrets from one whose secrets the principal may not see. */
async function isEmptyScope(call: Call, { owner, server }: Scope): Promise<boolean> {
  const some = await call.runtime.store.secrets.list({ owner, server, limit: 1 }, call.serving)
  return some.length === 0
}

/** The minimum limit of a query whose records the principal may not all see, so that few queries fill a page. */
const minRecords = 200

async function fillPage(call: Call, base: Omit<SecretQuery, 'limit'>, list: ParsedList): Promise<SecretPage> {
  const items: (SecretInfo | UntrustedInfo)[] = []
  const own = base.owner === undefined || base.owner === call.principal.id
  let after = list.after
  for (let query = 0; query < maxQueries; query++) {
    const wanted = list.limit - items.length
    const limit = own ? wanted : Math.max(wanted, minRecords)
    const position = after === undefined ? {} : { after }
    const since = call.runtime.seen.now()
    const records = await call.runtime.store.secrets.list({ ...base, ...position, limit }, call.serving)
    for (const record of records) {
      if (items.length >= list.limit) break
      after = { createdAt: record.createdAt, id: record.id }
      const item = await itemOf(call, record, since)
      if (item !== undefined && isWanted(item, list.state)) items.push(item)
    }
    const last = records.at(-1)
    if (records.length < limit && (last === undefined || last.id === after?.id)) return { items, cursor: undefined }
    if (items.length >= list.limit) break
  }
  return { items, cursor: after && encodeSecretCursor(after) }
}

/** What the principal sees of a record; undefined when it is not for the principal. */
async function itemOf(
  call: Call,
  record: StoredSecret,
  since: number,
): Promise<SecretInfo | UntrustedInfo | undefined> {
  const { ref } = record
  const admission = await admitRecord(call, record, { ref, since, operation: 'list', deleted: 'yes' })
  if (admission.kind === 'granted') return infoOf(record, call.runtime.config.clock.now())
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

function isWanted({ state }: SecretInfo | UntrustedInfo, wanted: ParsedList['state']): boolean {
  return wanted === 'any' || state === 'untrusted' || state === wanted
}
