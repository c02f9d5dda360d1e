// Listing secrets of a scope, or everything a principal owns or was given: never a value, nothing decrypted.
import type { Scope, SecretInfo, SecretQuery, SecretState, StoredSecret, UntrustedInfo } from '../../contracts/index.ts'
import { decideFor, factsOf } from '../admit.ts'
import { audited, type Call, type Caller, signalOf } from '../call.ts'
import { infoOf } from '../describe.ts'
import { checkRecord, isTampered } from '../load.ts'
import { encodeSecretCursor, type ParsedList } from '../parse/list.ts'

/** One page, newest first. */
export interface SecretPage {
  readonly items: readonly (SecretInfo | UntrustedInfo)[]
  /** Where the next page begins; absent on the last one. */
  readonly cursor: string | undefined
}

/** A page may need several queries when much of it is not for the principal; it never makes more than this. */
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
    const base = {
      ...queryOf(list, call.runtime.config.clock.now()),
      ...(scope === 'visible' ? { visibleTo: principal.id } : scope),
    }
    const page = await fillPage(call, base, list)
    call.facts.count = page.items.length
    const foreign = scope !== 'visible' && scope.owner !== principal.id
    if (foreign && page.items.length === 0) call.outcome = page.hidden > 0 ? 'denied' : 'missing'
    return { items: page.items, cursor: page.cursor }
  })
}

interface FilledPage extends SecretPage {
  /** Records that the principal may not know of. */
  readonly hidden: number
}

async function fillPage(call: Call, base: Omit<SecretQuery, 'limit'>, list: ParsedList): Promise<FilledPage> {
  const items: (SecretInfo | UntrustedInfo)[] = []
  let after = list.after
  let hidden = 0
  for (let query = 0; query < maxQueries; query++) {
    const limit = list.limit - items.length
    const position = after === undefined ? {} : { after }
    const records = await call.runtime.store.secrets.list({ ...base, ...position, limit }, signalOf(call))
    for (const record of records) {
      after = { createdAt: record.createdAt, id: record.id }
      const item = await itemOf(call, record)
      if (item === undefined) hidden++
      else if (isWanted(item, list.state)) items.push(item)
    }
    if (records.length < limit) return { items, hidden, cursor: undefined }
    if (items.length >= list.limit) break
  }
  return { items, hidden, cursor: after && encodeSecretCursor(after) }
}

async function itemOf(call: Call, record: StoredSecret): Promise<SecretInfo | UntrustedInfo | undefined> {
  const { ref } = record
  const loaded = await checkRecord(call, record, ref)
  if (!loaded.trusted) {
    if (!isTampered(loaded.error) && loaded.known) throw loaded.error
    if (call.principal.id !== ref.owner) return undefined
    return Object.freeze({ owner: ref.owner, server: ref.server, name: ref.name, state: 'untrusted' })
  }
  const decision = await decideFor(call, { operation: 'list', secret: factsOf(record), grants: record.grants })
  return decision.allowed ? infoOf(record, call.runtime.config.clock.now()) : undefined
}

/** The part of the question that a store answers; what depends on the instant is looked at again here. */
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
