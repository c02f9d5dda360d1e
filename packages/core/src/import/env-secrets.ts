// envSecrets: the secrets among the variables of a hosting platform, by the prefix that it gives them.
import { VaultError } from '../errors/index.ts'
import { isKeyVariable } from '../providers/index.ts'
import { parseObject, parseString } from '../vault/parse/shapes.ts'
import { refuseUnknown } from '../vault/parse/unknown.ts'

/** Where to look. */
export interface EnvSecretsOptions {
  /** What the names of the variables begin with, such as `RENDER_SECRET_`: 1 to 64 letters, digits and _. */
  readonly prefix: string
  /** Default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>
}

/** One variable. It has the value: do not log it. */
export interface EnvSecret {
  /** Without the prefix. */
  readonly name: string
  readonly value: string
  /** The whole name, so that it can be removed from the platform once the secret is in the vault. */
  readonly variable: string
}

/** A value that is as long as this or longer is a key wherever else it stands. */
const minKeyLength = 16

/**
 * The variables with a prefix, for `importSecrets`, sorted by name. Left out are empty ones, and master keys: variables
 * that `isKeyVariable` knows with or without the prefix, and copies of them under other names. `keyFromEnv` reads a
 * master key. Throws `VAULT_CONFIG_INVALID` for a prefix that is none, TypeError for a wrong type.
 *
 * @example
 * const secrets = envSecrets({ prefix: 'RENDER_SECRET_' })
 * console.log(secrets.map(({ name }) => name)) // [ 'DATABASE_PASSWORD', 'JWT_SECRET' ]
 */
export function envSecrets(options: EnvSecretsOptions): readonly EnvSecret[] {
  const given = parseObject(options, 'options')
  refuseUnknown(given, ['prefix', 'env'], 'options', 'VAULT_CONFIG_INVALID')
  const prefix = parseString(given['prefix'], 'prefix')
  if (!/^[A-Za-z0-9_]{1,64}$/.test(prefix))
    throw new VaultError('VAULT_CONFIG_INVALID', { field: 'prefix', detail: 'must be 1 to 64 letters, digits and _.' })
  const isKey = (variable: string): boolean => isKeyVariable(variable) || isKeyVariable(withoutPrefix(variable, prefix))
  const set = Object.entries(parseObject(given['env'] ?? process.env, 'env')).flatMap(([variable, value]) =>
    typeof value === 'string' && value !== '' ? [{ variable, value }] : [],
  )
  const keys = new Set(set.flatMap(({ variable, value }) => (isKey(variable) ? [value] : [])))
  return set
    .filter(({ variable }) => variable.startsWith(prefix) && variable !== prefix && !isKey(variable))
    .filter(({ value }) => value.length < minKeyLength || !keys.has(value))
    .map(({ variable, value }) => ({ name: withoutPrefix(variable, prefix), value, variable }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

function withoutPrefix(variable: string, prefix: string): string {
  return variable.startsWith(prefix) ? variable.slice(prefix.length) : variable
}
