// Key providers on a key service: what they have in common, so that a provider is the calls to its service and no more.
import { wipe } from '../bytes/index.ts'
import type { Awaitable, CallOptions, KeyProvider, KeyScope, WrapRequest } from '../contracts/index.ts'
import {
  encodeWrappedKey,
  keyCheckValue,
  type ParsedWrappedKey,
  parseWrappedKey,
  type WrappedKeyParts,
} from '../envelope/index.ts'
import { VaultError } from '../errors/index.ts'

/** What a wrap is bound to: the service must authenticate it with the ciphertext. */
export type WrapBinding = Omit<WrapRequest, 'dek'>

/** What the service wrapped, and under which key. */
export type ServiceWrap = Pick<WrappedKeyParts, 'kekId' | 'kekVersion' | 'wrapped'>

/** A wrap to be opened, what it is bound to, and the key of the service that may open it. */
export interface ServiceOpening<K> extends WrapBinding {
  readonly key: K
  readonly wrapped: Uint8Array
}

/** The calls to a key service. `K` is how it names one of its keys. */
export interface KeyService<K> extends Pick<KeyProvider, 'id' | 'canonicalKeyId' | 'classify'> {
  readonly wrapType: WrappedKeyParts['wrapType']
  /** The key id that a wrap made now would have. */
  currentKeyId(options?: CallOptions): Awaitable<string>
  /**
   * The key that a record names, undefined when it may not open data keys: anyone who writes to the database can put any
   * name there.
   */
  keyOf(parsed: ParsedWrappedKey): K | undefined
  /** A new data key of 32 bytes in fresh memory, and its wrap. */
  generate(binding: WrapBinding, options?: CallOptions): Awaitable<ServiceWrap & { readonly dek: Uint8Array }>
  encrypt(request: WrapRequest, options?: CallOptions): Awaitable<ServiceWrap>
  /** 32 bytes in fresh memory. */
  decrypt(opening: ServiceOpening<K>, options?: CallOptions): Awaitable<Uint8Array>
  /** Encrypts again under the current key, without giving out the data key. */
  reEncrypt(opening: ServiceOpening<K>, options?: CallOptions): Awaitable<ServiceWrap>
}

/**
 * The key provider on a service. It writes and reads the MCK1 records, answers `VAULT_KEY_UNKNOWN` to a record of another
 * key, and wraps again only what is not under the current key.
 *
 * @example
 * const keys = keyServiceProvider({ id: 'service(main)', wrapType: 'aws-kms', keyOf, currentKeyId, generate, encrypt, decrypt, reEncrypt })
 */
export function keyServiceProvider<K>(service: KeyService<K>): KeyProvider {
  const { id, wrapType, canonicalKeyId, classify } = service

  const recordOf = ({ kekId, kekVersion, wrapped }: ServiceWrap, dekId: Uint8Array, check: Uint8Array): Buffer =>
    encodeWrappedKey({ wrapType, dekId, keyCheckValue: check, kekId, kekVersion, wrapped })

  const openingOf = (parsed: ParsedWrappedKey, scope: KeyScope): ServiceOpening<K> => {
    const key = parsed.wrapType === wrapType ? service.keyOf(parsed) : undefined
    if (key === undefined) throw new VaultError('VAULT_KEY_UNKNOWN', { keyId: parsed.keyId })
    return { key, wrapped: parsed.wrapped, dekId: parsed.dekIdBytes, scope }
  }

  return Object.freeze({
    id,
    async currentKeyIds(options) {
      return new Set([await service.currentKeyId(options)])
    },
    async generate(binding, options) {
      const { dek, ...wrap } = await service.generate(binding, options)
      try {
        return { dek, wraps: [recordOf(wrap, binding.dekId, checkOf(dek, binding.dekId))] }
      } catch (error) {
        wipe(dek)
        throw error
      }
    },
    async wrap(request, options) {
      const { dek, dekId } = request
      // Before the call: what is lent may change meanwhile.
      const check = checkOf(dek, dekId)
      return [recordOf(await service.encrypt(request, options), dekId, check)]
    },
    async unwrap(record, scope, options) {
      return service.decrypt(openingOf(parseWrappedKey(record), scope), options)
    },
    async rewrap(wraps, scope, options) {
      const current = await service.currentKeyId(options)
      const records = wraps.map((bytes) => ({ bytes, parsed: parseWrappedKey(bytes) }))
      const isCurrent = records.find(({ parsed }) => parsed.keyId === current)
      if (isCurrent !== undefined) return [isCurrent.bytes]
      const [{ parsed } = noWraps()] = records
      const wrap = await service.reEncrypt(openingOf(parsed, scope), options)
      return [recordOf(wrap, parsed.dekIdBytes, parsed.keyCheckValue)]
    },
    ...(canonicalKeyId === undefined ? {} : { canonicalKeyId }),
    ...(classify === undefined ? {} : { classify }),
  } satisfies KeyProvider)
}

function checkOf(dek: Uint8Array, dekId: Uint8Array): Buffer {
  return keyCheckValue(dek, dekId)
}

function noWraps(): never {
  throw new TypeError('rewrap needs at least one wrap')
}
