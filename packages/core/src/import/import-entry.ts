// One entry of an import: named, compared with what is there, and stored if it is new.
import { timingSafeEqual } from 'node:crypto'
import { wipe } from '../bytes/index.ts'
import { VaultError } from '../errors/index.ts'
import { parseSecretName } from '../vault/parse/names.ts'
import { parseSettings } from '../vault/parse/settings.ts'
import { type ParsedValue, parseValue } from '../vault/parse/value.ts'
import { refuseRepeatedValue } from '../vault/record/description.ts'
import type { SecretValue } from '../vault/secret-value.ts'
import type { ParsedImport } from './options.ts'
import { type ImportOutcome, isOfOneSecret, refusalOf } from './report.ts'
import { type ReadEntry, readEntry } from './source.ts'

/** What an entry is imported with. */
export interface EntryRun extends ParsedImport {
  /** From 0. */
  readonly index: number
  /** The names of this run so far. */
  readonly taken: Set<string>
}

/** As `limits.valueBytes` allows by default, and at the most. */
const defaultValueBytes = 65_536
const maxValueBytes = 1_048_576

/** Imports one entry. Throws what ends the whole import. */
export async function importEntry(given: unknown, run: EntryRun): Promise<ImportOutcome> {
  const entry = readEntry(given, run.index)
  if ('refused' in entry) return refusalOf(entry.name, entry.refused)
  const wanted = run.nameOf(given)
  if (typeof wanted !== 'string') throw new TypeError('name must return a string')
  try {
    const name = parseSecretName(wanted)
    if (run.taken.has(name)) throw conflict('Another secret of the source has this name too.')
    run.taken.add(name)
    const plain = plainOf(entry, run)
    try {
      return { kind: await settle({ ...entry, name, plain }, run), name }
    } finally {
      wipe(plain.plaintext)
    }
  } catch (error) {
    if (isOfOneSecret(error)) return refusalOf(entry.name, error)
    throw error
  }
}

function plainOf({ value }: ReadEntry, { dryRun }: EntryRun): ParsedValue {
  try {
    return parseValue(value, dryRun ? defaultValueBytes : maxValueBytes)
  } catch (error) {
    // Within its source one secret is wrong, not the program.
    if (!(error instanceof TypeError)) throw error
    throw new VaultError('VAULT_VALUE_INVALID', { field: 'value', detail: 'must be text, bytes, or named texts.' })
  }
}

interface Candidate extends ReadEntry {
  readonly plain: ParsedValue
}

async function settle(entry: Candidate, run: EntryRun): Promise<'created' | 'kept' | 'updated'> {
  const { name, value, description, plain } = entry
  const { into, ifPresent, dryRun, signal } = run
  let ifVersion = 0
  if (ifPresent === 'keep') {
    if ((await into.describe(name, { signal })) !== undefined) return 'kept'
  } else {
    const held = await into.get(name, { signal })
    if (held !== undefined) {
      if (await isSame(held, plain)) return 'kept'
      if (ifPresent === 'refuse') throw conflict('The vault has another value under this name.')
      ifVersion = held.version
    }
  }
  if (dryRun) refuseDescription(entry, run)
  else await into.set(name, value, { ifVersion, signal, ...(description === undefined ? {} : { description }) })
  return ifVersion === 0 ? 'created' : 'updated'
}

async function isSame(held: SecretValue, { encoding, plaintext }: ParsedValue): Promise<boolean> {
  try {
    return held.encoding === encoding && (await held.use((bytes) => areEqual(bytes, plaintext)))
  } finally {
    held.dispose()
  }
}

function areEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b)
}

/** Throws what `set` would throw of a description. */
function refuseDescription({ description, plain }: Candidate, { clock }: EntryRun): void {
  parseSettings({ description }, { types: new Set(), now: clock.now() })
  refuseRepeatedValue(description, plain)
}

function conflict(detail: string): VaultError {
  return new VaultError('VAULT_CONFLICT', { detail, retryable: false })
}
