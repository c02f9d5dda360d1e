// keyRing: raw 32-byte keys held in this process, by key id.
import { copyBytes } from '../bytes/index.ts'
import type { KeyProvider } from '../contracts/index.ts'
import { checkKeyBytes, type KeyMaterial, localKeyId, readKeyText } from './key-text.ts'
import { holdKeys, localProvider } from './local-provider.ts'
import { checkOptions, invalidConfig } from './options.ts'

/** The keys of a ring. */
export interface KeyRingOptions {
  /** The key id that new wraps are made under, such as `main#2`. */
  readonly current: string
  /** Keys by key id: 32 random bytes, or text as `generateKey` makes it. Older keys stay while a rotation runs. */
  readonly keys: Readonly<Record<string, Uint8Array | string>>
}

/**
 * Holds keys in this process. Throws `VAULT_CONFIG_INVALID` for key ids that are none, a current key that is not
 * there, and keys that are not 32 random bytes.
 *
 * @example
 * const keys = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })
 */
export function keyRing(options: KeyRingOptions): KeyProvider {
  const { current: currentId, keys } = checkOptions(options, ['current', 'keys'])
  if (typeof currentId !== 'string') throw new TypeError('current must be a string')
  if (typeof keys !== 'object' || keys === null) throw new TypeError('keys must be an object')
  const held = holdKeys(Object.entries(keys).map(ringKey), 'keys')
  const current = held.find(({ keyId }) => keyId === currentId)
  if (current === undefined) throw invalidConfig('current', 'must be the key id of one of the keys.')
  return localProvider({ id: 'key-ring', current, previous: held })
}

function ringKey([id, key]: readonly [string, unknown]): KeyMaterial {
  const keyId = localKeyId(id, 'keys')
  if (key instanceof Uint8Array) {
    checkKeyBytes(key, 'keys')
    return { keyId, bytes: copyBytes(key) }
  }
  if (typeof key !== 'string') throw new TypeError('keys must hold a Uint8Array or a string for each key id')
  const read = readKeyText(key, { field: 'keys' })
  if (read.keyId !== undefined)
    throw invalidConfig('keys', 'must name the id of a key by its property alone, not in the text of the key.')
  return { keyId, bytes: read.bytes }
}
