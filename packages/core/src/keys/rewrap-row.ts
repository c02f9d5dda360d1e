// Rewraps one data key: current wraps stay as they are, missing ones are made, old ones are removed.
import { sameBytes, wipe } from '../bytes/index.ts'
import type { CallOptions, KeyProvider, KeyScope, StoredDataKey } from '../contracts/index.ts'
import { VaultError } from '../errors/index.ts'
import { tellingError } from './failure.ts'
import {
  checkedWraps,
  isOpened,
  type OpenedWrap,
  parseWraps,
  type RowWrap,
  sameWraps,
  saySameKey,
  type TriedWrap,
} from './wraps.ts'

/** How the wraps of a row should be. */
export interface RewrapRequest {
  /** The key ids that wraps made now would have. */
  readonly current: ReadonlySet<string>
  /** Key ids whose wraps go although this provider cannot open them. None of them is current. */
  readonly drop: ReadonlySet<string>
  /** Opens every wrap that it can, also of a row whose wraps are under the current keys. */
  readonly verify: boolean
}

/**
 * What was found of one wrap: `unopened` when this provider does not hold its key or may not use it, `damaged` when it is
 * not what was written.
 */
export interface FoundWrap {
  readonly keyId: string
  readonly state: 'opened' | 'unopened' | 'damaged'
}

/** The outcome of one row. */
export interface RewrappedRow {
  /** The row to store; undefined when its wraps are as they should be. */
  readonly next: StoredDataKey | undefined
  /** The key ids of wraps that stay although this provider cannot open them and would not make them. */
  readonly foreign: readonly string[]
  /** What became of each wrap that was tried. */
  readonly found: readonly FoundWrap[]
}

/** What a row is rewrapped with. */
export interface RowTools {
  readonly provider: KeyProvider
  /** The scope of the row, as the provider knows it. */
  readonly scope: KeyScope
  /** Every call to the provider goes through this. */
  call<T>(work: (options: CallOptions) => T | PromiseLike<T>): Promise<T>
  /**
   * Opens one wrap of the row. Throws when the provider did not answer. `known` is a wrap that opened: the check value of
   * the same key is not computed again.
   */
  tryWrap(wrap: RowWrap, known?: OpenedWrap): Promise<TriedWrap>
}

/**
 * The row as it should be. A wrap is removed only after its replacement was opened and compared, and at least one wrap
 * that this provider opens stays. Throws where the row must be left alone: no wrap of it opens, one is not well formed,
 * or the provider did not answer or refuses a current key.
 */
export async function rewrapRow(tools: RowTools, row: StoredDataKey, request: RewrapRequest): Promise<RewrappedRow> {
  const { drop, verify } = request
  const nameOf = keyNames(tools.provider)
  const current = new Set([...request.current].map(nameOf))
  const isCurrent = (wrap: RowWrap): boolean => current.has(nameOf(keyIdOf(wrap)))
  const lacks = (of: readonly RowWrap[]): boolean => {
    const names = new Set(of.map((wrap) => nameOf(keyIdOf(wrap))))
    return [...current].some((name) => !names.has(name))
  }
  const wraps = parseWraps(row.wraps)
  const others = await tryEach(
    tools,
    wraps.filter((wrap) => !isCurrent(wrap)),
  )
  const foreign = others.filter((wrap) => !isOpened(wrap) && !drop.has(wrap.parsed.keyId))
  const isDue = others.length > foreign.length || lacks(wraps) || !agree(row, wraps)
  if (!isDue && !verify) return { next: undefined, foreign: foreign.map(keyIdOf), found: others.map(findingOf) }

  const mine = await tryEach(tools, wraps.filter(isCurrent))
  const opened = [...mine, ...others].filter(isOpened)
  const [truth] = opened
  if (truth === undefined) throw noneOpens([...mine, ...others], drop)
  if (!opened.every(({ key }) => key.equals(truth.key))) throw new VaultError('VAULT_OPEN_FAILED')
  const kept = mine.filter((wrap) => isTrusted(wrap, truth))
  const made = lacks(kept) ? await makeWraps(tools, { truth, opened, kept }) : []
  const next = [...inOrder({ kept, made, nameOf }), ...foreign]
  if (!next.some(isOpened)) throw invalidProvider('must open a wrap that it makes.')
  const found = [
    ...mine.map((wrap) => (kept.includes(wrap) ? findingOf(wrap) : damaged(wrap))),
    ...others.map(findingOf),
  ]
  const bytes = next.map((wrap) => wrap.bytes)
  return {
    next: sameWraps(bytes, row.wraps) ? undefined : { ...row, wraps: checkedWraps(bytes), revision: row.revision + 1 },
    foreign: foreign.map(keyIdOf),
    found,
  }
}

/** The name of the key that a key id stands for. */
export function keyNames(provider: KeyProvider): (keyId: string) => string {
  return (keyId) => provider.canonicalKeyId?.(keyId) ?? keyId
}

// One after another, so that a row takes one place in the queue of the provider at a time.
async function tryEach({ tryWrap }: RowTools, wraps: readonly RowWrap[]): Promise<readonly TriedWrap[]> {
  const tried: TriedWrap[] = []
  for (const wrap of wraps) tried.push(await tryWrap(wrap))
  return tried
}

/** Whether all wraps say that they are of this row and of one data key. */
function agree({ id }: StoredDataKey, wraps: readonly RowWrap[]): boolean {
  const [first] = wraps
  return first !== undefined && first.parsed.dekId === id && wraps.every((wrap) => saySameKey(wrap, first))
}

/**
 * Whether a wrap is of the data key that was opened: it opens to it; or it is under a key that this provider only wraps
 * to, such as the public half of a recovery key, and says so. Throws when the provider refuses it.
 */
export function isTrusted(wrap: TriedWrap, truth: OpenedWrap): boolean {
  switch (wrap.state) {
    case 'opened':
      return wrap.key.equals(truth.key)
    case 'unknown':
      return saySameKey(wrap, truth)
    case 'denied':
      throw wrap.error
    case 'damaged':
      return false
  }
}

interface WrapSource {
  readonly truth: OpenedWrap
  readonly opened: readonly OpenedWrap[]
  readonly kept: readonly TriedWrap[]
}

/** The wraps that the provider makes now, each opened again and compared where it can be. */
async function makeWraps(tools: RowTools, { truth, opened, kept }: WrapSource): Promise<readonly TriedWrap[]> {
  const made: TriedWrap[] = []
  for (const wrap of parseWraps(checkedWraps(await wrapAgain(tools, { truth, opened })))) {
    const known = opened.find(({ bytes }) => sameBytes(bytes, wrap.bytes))
    // A wrap of the row that was returned unchanged, although it is to be replaced, is not a new one.
    if (known !== undefined && !kept.includes(known)) continue
    const tried = known ?? (await tools.tryWrap(wrap, truth))
    if (!isTrusted(tried, truth)) throw new VaultError('VAULT_OPEN_FAILED')
    made.push(tried)
  }
  return made
}

async function wrapAgain(
  { provider, scope, call }: RowTools,
  { truth, opened }: Omit<WrapSource, 'kept'>,
): Promise<readonly Uint8Array[]> {
  const rewrap = provider.rewrap?.bind(provider)
  if (rewrap !== undefined)
    return call((options) =>
      rewrap(
        opened.map(({ bytes }) => bytes),
        scope,
        options,
      ),
    )
  const dek = truth.key.export()
  try {
    return await call((options) => provider.wrap({ dekId: truth.parsed.dekIdBytes, dek, scope }, options))
  } finally {
    wipe(dek)
  }
}

interface OrderedWraps {
  readonly kept: readonly TriedWrap[]
  readonly made: readonly TriedWrap[]
  readonly nameOf: (keyId: string) => string
}

/** In the order of what was made, since wraps are tried in the order of the row; what is kept stands in its place. */
function inOrder({ kept, made, nameOf }: OrderedWraps): readonly TriedWrap[] {
  const isOne = (a: TriedWrap, b: TriedWrap): boolean => nameOf(keyIdOf(a)) === nameOf(keyIdOf(b))
  const keptOf = (wrap: TriedWrap): readonly TriedWrap[] => kept.filter((other) => isOne(other, wrap))
  const placed = made.flatMap((wrap) => (keptOf(wrap).length > 0 ? keptOf(wrap) : [wrap]))
  if (made.length > 0 && placed.every((wrap) => kept.includes(wrap)))
    throw invalidProvider('must wrap under each of its current key ids.')
  return [...new Set([...placed, ...kept])]
}

function noneOpens(tried: readonly TriedWrap[], drop: ReadonlySet<string>): unknown {
  const dropped = tried.find((wrap) => drop.has(keyIdOf(wrap)))
  if (dropped === undefined) return tellingError(tried.flatMap((wrap) => (isOpened(wrap) ? [] : [wrap.error])))
  const detail = 'must leave a wrap that this provider opens.'
  return new VaultError('VAULT_VALUE_INVALID', { field: 'drop', keyId: keyIdOf(dropped), detail })
}

function keyIdOf({ parsed }: RowWrap): string {
  return parsed.keyId
}

function findingOf(wrap: TriedWrap): FoundWrap {
  const isEither = wrap.state === 'opened' || wrap.state === 'damaged'
  return { keyId: keyIdOf(wrap), state: isEither ? wrap.state : 'unopened' }
}

function damaged(wrap: RowWrap): FoundWrap {
  return { keyId: keyIdOf(wrap), state: 'damaged' }
}

function invalidProvider(detail: string): VaultError {
  return new VaultError('VAULT_CONFIG_INVALID', { field: 'keys', detail })
}
