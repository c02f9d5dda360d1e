// The names of environment variables that hold a master key.

/** Holds the key for whatever environment this process is of. */
export const keyVariable = 'MCPVAULT_KEY'
/** Holds the path of a key file; `file` is therefore no name of an environment. */
export const keyFileVariable = 'MCPVAULT_KEY_FILE'
/** Holds older keys, separated by commas, that still unwrap. */
export const previousKeysVariable = 'MCPVAULT_PREVIOUS_KEYS'
/** Holds a passphrase, with its salt in the other variable. */
export const passphraseVariable = 'MASTER_PASSWORD'
export const passphraseSaltVariable = 'ENCRYPTION_SALT'
const environmentAlias = 'ENCRYPTION_MASTER_KEY'

/** Names that older systems gave to a master key. Other programs use them too, so each is read only when asked for. */
export const keyAliases = Object.freeze([
  environmentAlias,
  'SECRETS_MASTER_KEY',
  'SECRETS_KEY',
  'RENDER_SECRET_ENCRYPTION_MASTER_KEY',
  passphraseVariable,
] as const)

/** A variable of an older system. */
export type KeyAlias = (typeof keyAliases)[number]

/**
 * Whether a variable of this name holds a master key, a path to one or what one is made from, by any name that this
 * package reads, asked for or not. For programs that start others, which must not get it. Case does not count, as on
 * Windows.
 *
 * @example
 * ```ts
 * import { isKeyVariable } from '@mcpvault/core'
 *
 * console.log(isKeyVariable('MCPVAULT_KEY_PROD'), isKeyVariable('DATABASE_URL')) // true false
 * ```
 */
export function isKeyVariable(variable: string): boolean {
  const name = variable.toUpperCase()
  return keyHolders.includes(name) || environmentOf(name) !== undefined
}

/** The variables that hold a key as text, with the aliases that were asked for. */
export function keyVariablesOf(aliases: readonly KeyAlias[]): readonly string[] {
  return [keyVariable, ...keyAliases.filter((alias) => alias !== passphraseVariable && aliases.includes(alias))]
}

/** Environments that go by two names. */
const longNames: Readonly<Record<string, string>> = { dev: 'development', prod: 'production' }

/** One name for each environment, in lower case: `production` is `prod`, and `development` is `dev`. */
export function environmentName(text: string): string {
  const name = text.toLowerCase()
  return Object.keys(longNames).find((short) => longNames[short] === name) ?? name
}

/** The variables of one environment, such as `MCPVAULT_KEY_PROD`, with the aliases that were asked for. */
export function variablesOf(environment: string, aliases: readonly KeyAlias[]): readonly string[] {
  const names = aliases.includes(environmentAlias) ? [keyVariable, environmentAlias] : [keyVariable]
  const short = environmentName(environment)
  const long = longNames[short]
  const suffixes = long === undefined ? [short] : [short, long]
  return names.flatMap((name) => suffixes.map((suffix) => `${name}_${suffix.toUpperCase()}`))
}

/** The environment that a variable is of, or undefined. */
export function environmentOf(variable: string): string | undefined {
  if (variable === keyFileVariable) return undefined
  const prefix = [keyVariable, environmentAlias].map((name) => `${name}_`).find((each) => variable.startsWith(each))
  const environment = prefix === undefined ? '' : variable.slice(prefix.length)
  return environment === '' ? undefined : environmentName(environment)
}

const keyHolders: readonly string[] = [
  keyVariable,
  keyFileVariable,
  previousKeysVariable,
  passphraseSaltVariable,
  ...keyAliases,
]
