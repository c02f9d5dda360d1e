// rewrap: every data key in the wraps that the provider would make now, while reads and writes go on.
import type { StoredDataKey } from '../contracts/index.ts'
import { isVaultError, VaultError, type VaultErrorCode } from '../errors/index.ts'
import type { FoundWrap, RewrappedRow, RewrapRequest } from '../keys/index.ts'
import { mapConcurrent } from '../time/index.ts'
import type { Call, Done } from '../vault/operation.ts'
import { parseOptional, parseStrings } from '../vault/parse/shapes.ts'
import { dataKeyPages } from './pages.ts'
import { checkKeyId, countRows, measured, type ParsedWork, parseWork, type WorkOptions } from './work.ts'

/** Options of `rewrap`. */
export interface RewrapOptions extends WorkOptions {
  /**
   * Key ids whose wraps are removed although this provider cannot open them, such as a recovery key that was lost. None
   * of them may be current. A row in which no other wrap opens stays as it is, and is reported.
   */
  readonly drop?: readonly string[]
  /** Opens every wrap that it can, also where nothing is to be done, and repairs damaged ones. Default false. */
  readonly verify?: boolean
  /**
   * Stores nothing: the report says what a rewrap would do. Wraps are made and opened all the same, so that a failure
   * shows. Default false.
   */
  readonly dryRun?: boolean
}

/** How many wraps of one key id were found in which state. */
export interface WrapCounts {
  readonly opened: number
  /** This provider does not hold the key, or may not use it. */
  readonly unopened: number
  /** The bytes were altered. */
  readonly damaged: number
}

/** A data key that was left as it was. Where it can never be opened again, `dropDataKey` gives its scope a new one. */
export interface QuarantinedKey {
  readonly dekId: string
  /** Whose secrets it seals; absent for the root of the audit trail. */
  readonly owner?: string
  readonly server?: string
  readonly code: VaultErrorCode
  /** The option at fault, such as `drop`. */
  readonly field?: string
}

/** The outcome for the data keys whose wraps were not those that the provider would make now. */
export interface RewrapReport {
  /** With `dryRun`: those that would be rewrapped. */
  readonly rewrapped: number
  /** Rows that another worker, or another process, had done first. */
  readonly alreadyDone: number
  /** Rows that failed, left as they were. */
  readonly quarantined: readonly QuarantinedKey[]
  /**
   * The key ids of wraps that this provider can neither open nor make, with the number of data keys that have one. They
   * were kept: only `drop` removes them.
   */
  readonly foreign: ReadonlyMap<string, number>
  /** Only with `verify`: what was found, by key id. Wraps of rows in quarantine are not counted. */
  readonly verified?: ReadonlyMap<string, WrapCounts>
}

/** Checked options of `rewrap`. */
export interface ParsedRewrap extends ParsedWork, Pick<RewrapRequest, 'drop' | 'verify'> {
  readonly dryRun: boolean
}

/** Checks the options. Throws `VAULT_VALUE_INVALID` for key ids that are none. */
export function parseRewrap(options: unknown): ParsedRewrap {
  const { drop, verify = false, dryRun = false, ...rest } = parseOptional(options, 'options')
  if (typeof verify !== 'boolean') throw new TypeError('verify must be a boolean')
  if (typeof dryRun !== 'boolean') throw new TypeError('dryRun must be a boolean')
  return { ...parseWork(rest), drop: parseDrop(drop), verify, dryRun }
}

function parseDrop(drop: unknown): ReadonlySet<string> {
  const keyIds = drop === undefined ? [] : parseStrings(drop, 'drop')
  for (const keyId of keyIds) checkKeyId(keyId, 'drop')
  return new Set(keyIds)
}

/**
 * Rewraps what is not wrapped by the current keys. What is left to do is read from the wraps alone, so a new run goes
 * on where one ended, and no other field of a row can make it skip the row.
 */
export async function rewrapKeys(call: Call, rewrap: ParsedRewrap): Promise<Done<RewrapReport>> {
  const { drop, verify, dryRun, onProgress } = rewrap
  const current = await call.runtime.keys.wrapping.currentKeyIds()
  refuseCurrent(drop, current)
  const quarantined: QuarantinedKey[] = []
  const foreign = new Map<string, number>()
  const verified = new Map<string, WrapCounts>()
  let rewrapped = 0
  let alreadyDone = 0
  let seen = 0
  const request = { current, drop, verify, dryRun }
  const { clock } = call.runtime.config
  const report = await measured({ clock, onProgress, count: () => countRows(dataKeyPages(call, {})) })
  for await (const rows of dataKeyPages(call, {})) {
    for (const outcome of await rewrapRows(call, rows, request)) {
      if ('code' in outcome) {
        quarantined.push(outcome)
        continue
      }
      if (outcome.stored === true) rewrapped++
      else if (outcome.stored === false) alreadyDone++
      for (const keyId of new Set(outcome.foreign)) foreign.set(keyId, (foreign.get(keyId) ?? 0) + 1)
      for (const { keyId, state } of outcome.found) verified.set(keyId, oneMore(verified.get(keyId), state))
    }
    seen += rows.length
    report(seen)
  }
  const result = { rewrapped, alreadyDone, quarantined, foreign, ...(verify ? { verified } : {}) }
  return { result, event: { count: rewrapped, keyId: [...current].join(',') } }
}

function refuseCurrent(drop: ReadonlySet<string>, current: ReadonlySet<string>): void {
  const keyId = [...drop].find((one) => current.has(one))
  if (keyId === undefined) return
  throw new VaultError('VAULT_VALUE_INVALID', { field: 'drop', keyId, detail: 'must not name a current key id.' })
}

interface StoredOutcome {
  /** True also when a dry run would store it; false when somebody else changed the row first; undefined when there was nothing to do. */
  readonly stored: boolean | undefined
  readonly foreign: readonly string[]
  readonly found: readonly FoundWrap[]
}

type Outcome = StoredOutcome | QuarantinedKey

/** Rows are independent, and a store commits together what it is given together. */
const rowsAtATime = 128

/** As many as the key provider is asked for at a time: further ones would wait for a place. */
const wrapsAtATime = 20

async function rewrapRows(
  call: Call,
  rows: readonly StoredDataKey[],
  request: RewrapRequest & Pick<ParsedRewrap, 'dryRun'>,
): Promise<readonly Outcome[]> {
  const { signal } = call
  const outcomes: Outcome[] = []
  for (let from = 0; from < rows.length; from += rowsAtATime) {
    const group = rows.slice(from, from + rowsAtATime)
    const wrap = (row: StoredDataKey): Promise<Wrapped> => wrapAgain(call, row, request)
    const wrapped = await mapConcurrent(group, { limit: wrapsAtATime, signal }, wrap)
    const store = (one: Wrapped): Promise<Outcome> => storeAgain(call, one, request)
    outcomes.push(...(await mapConcurrent(wrapped, { limit: rowsAtATime, signal }, store)))
  }
  return outcomes
}

/** A row with what it should become, or with why it is left as it is. */
type Wrapped = { readonly row: StoredDataKey } & (RewrappedRow | { readonly failure: QuarantinedKey })

async function wrapAgain({ runtime }: Call, row: StoredDataKey, request: RewrapRequest): Promise<Wrapped> {
  try {
    return { row, ...(await runtime.keys.wrapping.rewrapRow(row, request)) }
  } catch (error) {
    return { row, failure: quarantine(row, error) }
  }
}

async function storeAgain(
  { runtime, signal }: Call,
  wrapped: Wrapped,
  { dryRun }: Pick<ParsedRewrap, 'dryRun'>,
): Promise<Outcome> {
  if ('failure' in wrapped) return wrapped.failure
  const { keys, store } = runtime
  const { row, next, foreign, found } = wrapped
  if (next === undefined) return { stored: undefined, foreign, found }
  if (dryRun) return { stored: true, foreign, found }
  try {
    await keys.admit(next.wraps)
    const stored = await store.dataKeys.replace(next, { ifRevision: row.revision, signal })
    // The cached key has the same bytes, but still names the old KEK.
    if (stored) keys.evict(row.id, row.scope)
    return { stored, foreign, found }
  } catch (error) {
    return quarantine(row, error)
  }
}

/** Throws again what is no error of the vault. */
function quarantine({ id, scope }: StoredDataKey, error: unknown): QuarantinedKey {
  if (!isVaultError(error)) throw error
  const { code, field } = error
  const { kind, owner, server } = scope
  return {
    dekId: id,
    ...(kind === 'values' ? { owner, server } : {}),
    code,
    ...(field === undefined ? {} : { field }),
  }
}

function oneMore(counts: WrapCounts | undefined, state: FoundWrap['state']): WrapCounts {
  const before = counts ?? { opened: 0, unopened: 0, damaged: 0 }
  return { ...before, [state]: before[state] + 1 }
}
