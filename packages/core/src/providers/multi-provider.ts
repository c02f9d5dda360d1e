// multiProvider: every data key wrapped by several providers, any of which opens it.
import { sameBytes, wipe } from '../bytes/index.ts'
import type { Awaitable, CallOptions, KeyProvider, WrapRequest } from '../contracts/index.ts'
import { parseWrappedKey } from '../envelope/index.ts'
import { isVaultError, VaultError } from '../errors/index.ts'
import { keyError } from '../keys/index.ts'
import { checkOptions, invalidConfig } from './options.ts'

/** Who wraps each data key. */
export interface MultiProviderOptions {
  /** Is asked first, and makes data keys when it can. */
  readonly primary: KeyProvider
  /** Others that wrap every data key as well, such as an offline recovery key; 1 to 7. */
  readonly recovery: readonly KeyProvider[]
}

/**
 * Wraps with all providers, so that new data keys need all of them, and unwraps with the one that knows the key id of a
 * record. Throws `VAULT_CONFIG_INVALID` without a recovery provider, with more than 7, and when they make more than 8 wraps or
 * one of them makes none;
 * `VAULT_KEY_UNKNOWN` for a record that none of them knows.
 *
 * It has no `rewrap`: one key service cannot make the wraps of the others, so a data key is unwrapped and wrapped again.
 *
 * @example
 * const keys = multiProvider({ primary: keyFromEnv(), recovery: [keyFromFile('/media/safe/recovery-key')] })
 */
export function multiProvider(options: MultiProviderOptions): KeyProvider {
  const { primary, recovery: others } = checkOptions(options, ['primary', 'recovery'])
  if (!Array.isArray(others)) throw new TypeError('recovery must be an array of key providers')
  const recovery: readonly KeyProvider[] = [...others]
  if (recovery.length < 1 || recovery.length > maxWraps - 1)
    throw invalidConfig('recovery', 'must be 1 to 7 key providers.')
  const all = [primary, ...recovery]
  const { generate } = primary
  return Object.freeze({
    id: `multi(${all.map(({ id }) => id).join(',')})`,
    async currentKeyIds(callOptions) {
      const sets = await Promise.all(all.map((each) => asked(each, () => each.currentKeyIds(callOptions))))
      return new Set(sets.flatMap((keyIds) => [...keyIds]))
    },
    async fingerprints(callOptions) {
      const maps = await Promise.all(all.map(async (provider) => provider.fingerprints?.(callOptions) ?? new Map()))
      return merged(maps)
    },
    wrap: (request, callOptions) => wrapWithAll({ providers: all, request, callOptions }),
    async unwrap(record, scope, callOptions) {
      let otherKey: VaultError | undefined
      for (const provider of all) {
        try {
          return await asked(provider, () => provider.unwrap(record, scope, callOptions))
        } catch (error) {
          // Another passphrase than that of one provider may be that of the next.
          if (isVaultError(error, 'VAULT_KEY_MISMATCH')) otherKey ??= error
          else if (!isVaultError(error, 'VAULT_KEY_UNKNOWN')) throw error
        }
      }
      throw otherKey ?? new VaultError('VAULT_KEY_UNKNOWN', { keyId: parseWrappedKey(record).keyId })
    },
    ...(generate === undefined
      ? {}
      : {
          async generate(request, callOptions) {
            const { dek, wraps } = await asked(primary, () => generate.call(primary, request, callOptions))
            try {
              const others = await wrapWithAll({ providers: recovery, request: { ...request, dek }, callOptions })
              return { dek, wraps: checkCount([...wraps, ...others]) }
            } catch (error) {
              wipe(dek)
              throw error
            }
          },
        }),
    canonicalKeyId: (keyId) => all.reduce((name, provider) => provider.canonicalKeyId?.(name) ?? name, keyId),
  } satisfies KeyProvider)
}

/** Runs a call to one provider. Its errors become those of the vault here, since only this provider can sort them. */
async function asked<T>(provider: KeyProvider, work: () => Awaitable<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw keyError(error, provider)
  }
}

/** All fingerprints. Throws `VAULT_CONFIG_INVALID` when two providers have different keys of one key id. */
function merged(maps: readonly ReadonlyMap<string, Uint8Array>[]): ReadonlyMap<string, Uint8Array> {
  const all = new Map<string, Uint8Array>()
  for (const [keyId, fingerprint] of maps.flatMap((map) => [...map])) {
    if (!sameBytes(all.get(keyId) ?? fingerprint, fingerprint))
      throw invalidConfig('recovery', 'must not have another key of a key id of the primary.')
    all.set(keyId, fingerprint)
  }
  return all
}

interface WrapWithAll {
  readonly providers: readonly KeyProvider[]
  readonly request: WrapRequest
  readonly callOptions: CallOptions | undefined
}

async function wrapWithAll({ providers, request, callOptions }: WrapWithAll): Promise<readonly Uint8Array[]> {
  const wraps = await Promise.all(providers.map((each) => asked(each, () => each.wrap(request, callOptions))))
  // A rotation would else remove the old wrap of a provider, such as the recovery key, and put no other in its place.
  if (wraps.some(({ length }) => length === 0))
    throw invalidConfig('recovery', 'must make a wrap of every data key, and so must the primary.')
  return checkCount(wraps.flat())
}

const maxWraps = 8

function checkCount(wraps: readonly Uint8Array[]): readonly Uint8Array[] {
  if (wraps.length > maxWraps)
    throw invalidConfig('recovery', 'must make at most 8 wraps of a data key, with the primary.')
  return wraps
}
