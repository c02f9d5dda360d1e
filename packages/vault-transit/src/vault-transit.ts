// vaultTransit: data keys that the transit engine of OpenBao or HashiCorp Vault makes and wraps.
import { createSecretKey } from 'node:crypto'
import {
  encodeWrappedKey,
  type KeyProvider,
  keyCheckValue,
  type ParsedWrappedKey,
  parseWrappedKey,
  systemClock,
  VaultError,
} from '@mcpvault/core'
import { transitEngine, type Wrapped } from './engine.ts'
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

  const recordOf = (
    { ciphertext, version }: Wrapped,
    { dekId, check }: { readonly dekId: Uint8Array; readonly check: Uint8Array },
  ): Buffer =>
    encodeWrappedKey({
      wrapType: 'transit',
      dekId,
      keyCheckValue: check,
      kekId,
      kekVersion: version,
      wrapped: Buffer.from(ciphertext, 'latin1'),
    })

  const ciphertextOf = (parsed: ParsedWrappedKey): string => {
    if (parsed.wrapType !== 'transit' || parsed.kekId !== kekId)
      throw new VaultError('VAULT_KEY_UNKNOWN', { keyId: parsed.keyId })
    return parsed.wrapped.toString('latin1')
  }

  return Object.freeze({
    id: `transit(${settings.url} ${kekId})`,
    async currentKeyIds(callOptions) {
      return new Set([`${kekId}#${await engine.latestVersion(callOptions)}`])
    },
    async generate({ dekId, scope }, callOptions) {
      const { dek, ...wrapped } = await engine.generate(scope, callOptions)
      return { dek, wraps: [recordOf(wrapped, { dekId, check: checkOf(dek, dekId) })] }
    },
    async wrap({ dekId, dek, scope }, callOptions) {
      const wrapped = await engine.encrypt(dek, scope, callOptions)
      return [recordOf(wrapped, { dekId, check: checkOf(dek, dekId) })]
    },
    async unwrap(record, scope, callOptions) {
      return engine.decrypt(ciphertextOf(parseWrappedKey(record)), scope, callOptions)
    },
    async rewrap(wraps, scope, callOptions) {
      const latest = await engine.latestVersion(callOptions)
      const records = wraps.map((bytes) => ({ bytes, parsed: parseWrappedKey(bytes) }))
      const isCurrent = records.find(({ parsed }) => parsed.kekId === kekId && parsed.kekVersion === latest)
      if (isCurrent !== undefined) return [isCurrent.bytes]
      const [{ parsed } = noWraps()] = records
      const wrapped = await engine.rewrap(ciphertextOf(parsed), scope, callOptions)
      return [recordOf(wrapped, { dekId: parsed.dekIdBytes, check: parsed.keyCheckValue })]
    },
    classify: classifyTransitError,
  } satisfies KeyProvider)
}

function noWraps(): never {
  throw new TypeError('rewrap needs at least one wrap')
}

function checkOf(dek: Uint8Array, dekId: Uint8Array): Buffer {
  return keyCheckValue(createSecretKey(dek), dekId)
}
