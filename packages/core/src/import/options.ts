// The options of importSecrets, checked before the source is asked.
import { hasFunctions } from '../bytes/index.ts'
import { requireClock } from '../contracts/index.ts'
import { VaultError } from '../errors/index.ts'
import { type Clock, progressReporter, systemClock } from '../time/index.ts'
import { parseBoolean, parseObject, parseSignal } from '../vault/parse/shapes.ts'
import { refuseUnknown } from '../vault/parse/unknown.ts'
import type { SecretScope } from '../vault/scope.ts'
import type { ImportProgress } from './report.ts'
import type { ImportSource, SourceEntry } from './source.ts'

/** Options of `importSecrets`. */
export interface ImportOptions<E extends SourceEntry = SourceEntry> {
  readonly from: ImportSource<E>
  /** The principal of the scope needs to read what is there, and to write what is not. */
  readonly into: SecretScope
  /** The name in the vault, from an entry of the source. Default: the name that the entry has. */
  readonly name?: (entry: E) => string
  /**
   * What becomes of a secret that is there with another value: `refuse` reports it with `VAULT_CONFLICT`, `keep` leaves
   * it without reading it, `new-version` makes the value of the source its newest version. Default `refuse`.
   */
  readonly ifPresent?: 'keep' | 'refuse' | 'new-version'
  /**
   * Writes nothing: the report says what an import would do. It goes by the default `limits.valueBytes`, and cannot know
   * whether the principal may write. Default false.
   */
  readonly dryRun?: boolean
  readonly signal?: AbortSignal | undefined
  /** Called after each entry. What it throws is ignored; to stop, abort the signal. */
  readonly onProgress?: (progress: ImportProgress) => void
  readonly clock?: Clock
}

/** Checked options. */
export interface ParsedImport {
  readonly from: Iterable<unknown> | AsyncIterable<unknown>
  readonly into: Pick<SecretScope, 'describe' | 'get' | 'set'>
  readonly nameOf: (entry: unknown) => unknown
  readonly ifPresent: 'keep' | 'refuse' | 'new-version'
  readonly dryRun: boolean
  readonly signal: AbortSignal | undefined
  readonly onProgress: (progress: ImportProgress) => void
  readonly clock: Clock
}

const names = ['from', 'into', 'name', 'ifPresent', 'dryRun', 'signal', 'onProgress', 'clock']
const choices = ['keep', 'refuse', 'new-version'] as const

/** Throws TypeError for a wrong type, and `VAULT_CONFIG_INVALID` for an option that there is not. */
export function parseImport(given: unknown): ParsedImport {
  const options = parseObject(given, 'options')
  refuseUnknown(options, names, 'options', 'VAULT_CONFIG_INVALID')
  const { from, into, name, ifPresent = 'refuse', dryRun = false, signal, onProgress, clock = systemClock } = options
  if (!isIterable(from)) throw new TypeError('from must be an iterable or async iterable of entries')
  if (!hasFunctions<ParsedImport['into']>(into, ['describe', 'get', 'set']))
    throw new TypeError('into must be the scope of a session')
  if (name !== undefined && typeof name !== 'function') throw new TypeError('name must be a function')
  const report = progressReporter<ImportProgress>(onProgress)
  requireClock(clock)
  const choice = choices.find((each) => each === ifPresent)
  if (choice === undefined)
    throw new VaultError('VAULT_CONFIG_INVALID', { field: 'ifPresent', detail: 'must be keep, refuse or new-version.' })
  return {
    from,
    into,
    nameOf: (entry) => (name === undefined ? parseObject(entry, 'entry')['name'] : name(entry)),
    ifPresent: choice,
    dryRun: parseBoolean(dryRun, 'dryRun'),
    signal: parseSignal(signal),
    onProgress: report,
    clock,
  }
}

function isIterable(value: unknown): value is Iterable<unknown> | AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && (Symbol.iterator in value || Symbol.asyncIterator in value)
}
