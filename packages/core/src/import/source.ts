// What a source of an import gives: entries, each checked, one after another, with a limit on the wait for each.
import { VaultError, type VaultErrorCode, vaultErrorCodes } from '../errors/index.ts'
import { type Clock, withDeadline } from '../time/index.ts'
import { parseObject } from '../vault/parse/shapes.ts'
import type { SecretInput } from '../vault/parse/value.ts'

/** Why a source cannot give a value. */
export interface SourceRefusal {
  readonly code: VaultErrorCode
  /** Fixed text without a value. */
  readonly detail?: string
}

interface Named {
  /** The name in the source. */
  readonly name: string
}

interface WithValue extends Named {
  /** Text or bytes. */
  readonly value: string | Uint8Array
  readonly fields?: undefined
  readonly refused?: undefined
  readonly description?: string | undefined
}

interface WithFields extends Named {
  readonly value?: undefined
  /** Named texts. */
  readonly fields: Readonly<Record<string, string>>
  readonly refused?: undefined
  readonly description?: string | undefined
}

interface Refused extends Named {
  readonly value?: undefined
  readonly fields?: undefined
  /** The source has this secret and cannot give it. The report of the import names it. */
  readonly refused: SourceRefusal
}

/** One secret of a source. What else it has, such as a path, is for the `name` of the import. */
export type SourceEntry = WithValue | WithFields | Refused

/** Where secrets come from: an array, such as `envSecrets` and `parseDotEnv` give, or a generator. */
export type ImportSource<E extends SourceEntry = SourceEntry> = Iterable<E> | AsyncIterable<E>

/** An entry as it was read. */
export interface ReadEntry {
  readonly name: string
  readonly value: SecretInput
  readonly description: string | undefined
}

export interface Waiting {
  readonly clock: Clock
  readonly signal: AbortSignal | undefined
}

const maxEntries = 10_000
/** A source may skip thousands of deleted secrets before it gives one. */
const limitMs = 600_000

/**
 * The entries, at most 10,000. Throws `VAULT_VALUE_INVALID` for more, and when one takes longer than 10 minutes. A source
 * that is left before its end is closed, and not waited for.
 */
export async function* entriesOf<E>(from: Iterable<E> | AsyncIterable<E>, waiting: Waiting): AsyncGenerator<E> {
  const iterator = Symbol.asyncIterator in from ? from[Symbol.asyncIterator]() : from[Symbol.iterator]()
  let isAtEnd = false
  try {
    for (let count = 0; ; count++) {
      const next = await withDeadline({ ...waiting, limitMs, timeoutError: tooSlow }, () => iterator.next())
      isAtEnd = next.done === true
      if (next.done === true) return
      if (count === maxEntries) throw invalid('must have at most 10,000 entries. Import it in parts.')
      yield next.value
    }
  } finally {
    // One that does not answer would not answer to this either.
    if (!isAtEnd) void close(iterator)
  }
}

async function close(iterator: Iterator<unknown> | AsyncIterator<unknown>): Promise<void> {
  try {
    await iterator.return?.()
  } catch {
    // What ended the import is what its caller has to know.
  }
}

/** Checks the shape of an entry. A wrong type throws TypeError, which says where the entry stands. */
export function readEntry(
  entry: unknown,
  index: number,
): ReadEntry | { readonly name: string; readonly refused: SourceRefusal } {
  const where = `entry ${index + 1} of from`
  const { name, value, fields, refused, description } = parseObject(entry, where)
  if (typeof name !== 'string') throw new TypeError(`${where} must have a name, a string`)
  const given = [value, fields, refused].filter((each) => each !== undefined)
  if (given.length !== 1) throw new TypeError(`${where} must have one of value, fields and refused`)
  if (refused !== undefined) return { name, refused: readRefusal(refused, where) }
  if (description !== undefined && typeof description !== 'string')
    throw new TypeError(`the description of ${where} must be a string`)
  const input = value ?? fields
  const isFields = fields !== undefined
  if (isFields ? typeof fields !== 'object' : typeof value !== 'string' && !(value instanceof Uint8Array))
    throw new TypeError(`${where} must have a value of text or bytes, or fields`)
  // The vault checks what is within.
  return { name, value: input as SecretInput, description }
}

function readRefusal(refused: unknown, where: string): SourceRefusal {
  const { code, detail } = parseObject(refused, `refused of ${where}`)
  const known = vaultErrorCodes.find((each) => each === code)
  if (known === undefined) throw new TypeError(`refused of ${where} must have the code of a VaultError`)
  if (detail !== undefined && typeof detail !== 'string')
    throw new TypeError(`refused of ${where} must have a detail of text`)
  return { code: known, ...(detail === undefined ? {} : { detail }) }
}

function tooSlow(): VaultError {
  return invalid('must give each entry within 10 minutes. What came before is imported: run it again.')
}

function invalid(detail: string): VaultError {
  return new VaultError('VAULT_VALUE_INVALID', { field: 'from', detail })
}
