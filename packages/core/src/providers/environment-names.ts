// The names of environment variables that hold a master key.

/** Variables that hold a key for whatever environment this process is of. */
export const keyVariables = Object.freeze([
  'MCPVAULT_KEY',
  'ENCRYPTION_MASTER_KEY',
  'SECRETS_MASTER_KEY',
  'SECRETS_KEY',
  'RENDER_SECRET_ENCRYPTION_MASTER_KEY',
] as const)

/** Variables that hold the key of one environment, before its upper-case name. */
const environmentPrefixes = Object.freeze(['MCPVAULT_KEY_', 'ENCRYPTION_MASTER_KEY_'] as const)

/** Holds the path of a key file; `file` is therefore no name of an environment. */
export const keyFileVariable = 'MCPVAULT_KEY_FILE'
/** Holds older keys, separated by commas, that still unwrap. */
export const previousKeysVariable = 'MCPVAULT_PREVIOUS_KEYS'
/** Holds a passphrase, with its salt in the other variable. */
export const passphraseVariable = 'MASTER_PASSWORD'
export const passphraseSaltVariable = 'ENCRYPTION_SALT'

/** The variables of one environment, such as `MCPVAULT_KEY_PROD`. */
export function variablesOf(environment: string): readonly string[] {
  return environmentPrefixes.map((prefix) => prefix + environment.toUpperCase())
}

/** The environment that a variable is of, in lower case, or undefined. */
export function environmentOf(variable: string): string | undefined {
  if (variable === keyFileVariable) return undefined
  const prefix = environmentPrefixes.find((candidate) => variable.startsWith(candidate))
  const environment = prefix === undefined ? '' : variable.slice(prefix.length)
  return environment === '' ? undefined : environment.toLowerCase()
}
