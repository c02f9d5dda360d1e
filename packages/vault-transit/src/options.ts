// The options of the provider, checked.
import {
  checkedPath,
  invalidOption,
  optionsOf,
  parseServer,
  type ServerOptions,
  type ServerSettings,
} from './server-options.ts'

/** Where the engine is, and how it is used. */
export interface TransitOptions extends ServerOptions {
  /** The name of the key. It must have been made with `derived: true`. */
  readonly key: string
  /** Where the engine is mounted. Default `transit`. */
  readonly mount?: string
}

/** The checked options. */
export interface TransitSettings extends ServerSettings {
  readonly mount: string
  readonly key: string
}

const namePattern = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$/

/** Throws `VAULT_CONFIG_INVALID`, with the name of the option. */
export function parseOptions(given: TransitOptions): TransitSettings {
  const options = optionsOf(given, { of: 'vaultTransit', more: ['key', 'mount'] })
  const { key, mount = 'transit' } = options
  if (typeof key !== 'string' || !namePattern.test(key))
    throw invalidOption('key', 'must be the name of a transit key.')
  return { ...parseServer(options), mount: checkedPath('mount', mount), key }
}
