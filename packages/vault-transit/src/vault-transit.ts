// vaultTransit: data keys that the transit engine of OpenBao or HashiCorp Vault makes and wraps.
import { type KeyProvider, systemClock } from '@mcpvault/core'
import { keyServiceProvider } from '@mcpvault/core/adapter'
import { transitEngine } from './engine.ts'
import { classifyTransitError } from './failures.ts'
import { parseOptions, type TransitOptions } from './options.ts'
import { requestSender } from './requests.ts'

/**
 * A key provider on a derived key of a transit engine. The master key never leaves the server; 32-byte data keys travel
 * to and from it over TLS. Every wrap is bound to its vault, owner and server.
 *
 * `VAULT_KEY_DENIED`: the server refused (no permission, no such key, a version below `min_decryption_version`, a revoked
 * token); cached data keys are evicted. `VAULT_KEY_UNAVAILABLE`: it did not answer, is sealed or a standby; cached data
 * keys serve on. `VAULT_KEY_UNKNOWN`: the wrap is of another mount or key.
 *
 * @throws {VaultError} `VAULT_CONFIG_INVALID` for an option that cannot be used, with its name.
 *
 * @example
 * const keys = vaultTransit({ url: 'https://vault.example.com:8200', key: 'mcpvault', token: readToken })
 * const vault = createVault({ keys, store })
 */
export function vaultTransit(options: TransitOptions): KeyProvider {
  const settings = parseOptions(options)
  const engine = transitEngine(settings, requestSender(settings, systemClock))
  const kekId = `${settings.mount}/${settings.key}`

  return keyServiceProvider({
    id: `transit(${settings.url} ${kekId})`,
    wrapType: 'transit',
    keyOf: (parsed) => (parsed.kekId === kekId ? kekId : undefined),
    classify: classifyTransitError,
    ...engine,
  })
}
