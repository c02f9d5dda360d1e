// The options of get and use.
import { VaultError } from '../../errors/index.ts'
import { parseInteger, parseOptional, parseSignal } from './shapes.ts'
import { refuseUnknown } from './unknown.ts'

/** Which version to read. */
export interface ReadOptions {
  /** A kept version; the current one by default. */
  readonly version?: number
  /** The minimum version that may be current: throws `VAULT_ROLLBACK_SUSPECTED` when the store has an older one. */
  readonly minVersion?: number
  readonly signal?: AbortSignal | undefined
}

export interface ParsedRead {
  readonly version: number | undefined
  readonly minVersion: number | undefined
  readonly signal: AbortSignal | undefined
}

export function parseReadOptions(value: unknown): ParsedRead {
  // Fast path: reads are the most frequent calls, and most have no options.
  if (value === undefined) return noOptions
  const given = parseOptional(value, 'options')
  refuseUnknown(given, ['version', 'minVersion', 'signal'], 'options')
  const { version, minVersion, signal } = given
  return {
    version: version === undefined ? undefined : parseVersion(version, 'version'),
    minVersion: minVersion === undefined ? undefined : parseVersion(minVersion, 'minVersion'),
    signal: parseSignal(signal),
  }
}

const noOptions: ParsedRead = Object.freeze({ version: undefined, minVersion: undefined, signal: undefined })

/** A version number: 1 or more. */
export function parseVersion(value: unknown, field: string): number {
  const version = parseInteger(value, field)
  if (version >= 1) return version
  throw new VaultError('VAULT_VALUE_INVALID', { detail: 'must be 1 or more.', field })
}
