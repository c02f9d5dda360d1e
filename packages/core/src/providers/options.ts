// Checks of the options that providers are made with.
import { ownOptions } from '../contracts/index.ts'
import { VaultError } from '../errors/index.ts'

/**
 * The own properties of `options`. Throws TypeError when it is no object, and `VAULT_CONFIG_INVALID` when it has an option
 * of another name.
 */
export function checkOptions<T extends object>(options: T, names: readonly string[]): T {
  if (typeof options !== 'object' || options === null) throw new TypeError('options must be an object')
  const unknown = Object.keys(options).find((name) => !names.includes(name))
  if (unknown !== undefined) throw invalidConfig(unknown, 'must be absent: there is no such option.')
  return ownOptions(options)
}

/** A fault in one option or variable. Neither argument may come from a value. */
export function invalidConfig(field: string, detail: string): VaultError {
  return new VaultError('VAULT_CONFIG_INVALID', { field, detail })
}
