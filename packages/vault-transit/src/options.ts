// The options of the provider, checked.
import { ownOptions } from '@mcpvault/core/adapter'
import {
  checkedPath,
  invalidOption,
  parseServer,
  refuseUnknown,
  type ServerOptions,
  type ServerSettings,
  serverOptionNames,
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
  if (typeof given !== 'object' || given === null) throw new TypeError('vaultTransit needs an object of options')
  const options = ownOptions(given)
  refuseUnknown(options, { known: [...serverOptionNames, 'key', 'mount'], of: 'vaultTransit' })
  const { key, mount = 'transit' } = options
  if (typeof key !== 'string' || !namePattern.test(key))
    throw invalidOption('key', 'must be the name of a transit key.')
  return { ...parseServer(options), mount: checkedPath('mount', mount), key }
}
