// The options of get and use.
import type { SecretInfo } from '../../contracts/index.ts'
import { VaultError } from '../../errors/index.ts'
import { parseInteger, parseOptional, parseSignal } from './shapes.ts'
import { refuseUnknown } from './unknown.ts'

/** Which version to read. */
export interface ReadOptions {
  /** A kept version; the current one by default. */
  readonly version?: number
  /** The minimum version that may be current: throws `VAULT_ROLLBACK_SUSPECTED` when the store has an older one. */
  readonly minVersion?: number
  /**
   * Looks at the secret before its value is opened, such as at its `hosts`. Unless it returns true, nothing is opened and
   * the call throws `VAULT_ACCESS_DENIED`. Not asked for a secret that is absent or may not be used.
   */
  readonly onlyIf?: ((info: SecretInfo) => boolean) | undefined
  readonly signal?: AbortSignal | undefined
}

export interface ParsedRead {
  readonly version: number | undefined
  readonly minVersion: number | undefined
  readonly onlyIf: ((info: SecretInfo) => boolean) | undefined
  readonly signal: AbortSignal | undefined
}

export function parseReadOptions(value: unknown): ParsedRead {
  // Fast path: reads are the most frequent calls, and most have no options.
  if (value === undefined) return noOptions
  const given = parseOptional(value, 'options')
  refuseUnknown(given, ['version', 'minVersion', 'onlyIf', 'signal'], 'options')
  const { version, minVersion, onlyIf, signal } = given
  return {
    version: version === undefined ? undefined : parseVersion(version, 'version'),
    minVersion: minVersion === undefined ? undefined : parseVersion(minVersion, 'minVersion'),
    onlyIf: onlyIf === undefined ? undefined : parseCondition(onlyIf),
    signal: parseSignal(signal),
  }
}

const noOptions: ParsedRead = Object.freeze({
  version: undefined,
  minVersion: undefined,
  onlyIf: undefined,
  signal: undefined,
})

/** Only true counts, so that the promise of an answer does not. */
function parseCondition(value: unknown): ParsedRead['onlyIf'] {
  if (typeof value !== 'function') throw new TypeError('onlyIf must be a function')
  return (info) => Reflect.apply(value, undefined, [info]) === true
}

/** A version number: 1 or more. */
export function parseVersion(value: unknown, field: string): number {
  const version = parseInteger(value, field)
  if (version >= 1) return version
  throw new VaultError('VAULT_VALUE_INVALID', { detail: 'must be 1 or more.', field })
}
