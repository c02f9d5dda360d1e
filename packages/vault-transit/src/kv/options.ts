// The options of kvSecrets, checked.
import {
  checkedPath,
  invalidOption,
  optionsOf,
  parseServer,
  type ServerOptions,
  type ServerSettings,
} from '../server-options.ts'
import { isPathPart, maxDepth } from './path.ts'

/** Where the secrets are. */
export interface KvOptions extends ServerOptions {
  /** Where the KV version 2 engine is mounted. Default `secret`. */
  readonly mount?: string
  /** A folder, or one secret, such as `team/database`, without a slash at its ends. Default: all of the mount. */
  readonly path?: string
  readonly signal?: AbortSignal | undefined
}

/** The checked options. */
export interface KvSettings extends ServerSettings {
  readonly mount: string
  /** The parts of the path; none for all of the mount. */
  readonly root: readonly string[]
  readonly signal: AbortSignal | undefined
}

const maxLength = 1_024

/** Throws `VAULT_CONFIG_INVALID` with the name of the option, and TypeError for no object. */
export function parseKvOptions(given: KvOptions): KvSettings {
  const options = optionsOf(given, { of: 'kvSecrets', more: ['mount', 'path', 'signal'] })
  const { mount = 'secret', path, signal } = options
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw invalidOption('signal', 'must be an AbortSignal.')
  return { ...parseServer(options), mount: checkedPath('mount', mount), root: rootOf(path), signal }
}

function rootOf(path: unknown): readonly string[] {
  if (path === undefined) return []
  const parts = typeof path === 'string' && path.length <= maxLength ? path.split('/') : ['']
  if (parts.length <= maxDepth && parts.every(isPathPart)) return parts
  throw invalidOption('path', 'must be a path such as team/database, without a slash at its ends and without "..".')
}
