// The provider behind every key that is held in this process: it finds the key that a record names and uses it.
import { createSecretKey, type KeyObject } from 'node:crypto'
import { sameBytes, wipe } from '../bytes/index.ts'
import type { Awaitable, KeyProvider } from '../contracts/index.ts'
import { parseWrappedKey, unwrapLocal, wrapLocal } from '../envelope/index.ts'
import { VaultError } from '../errors/index.ts'
import type { KeyMaterial } from './key-text.ts'
import { invalidConfig } from './options.ts'

/** A key that is there at once or after a derivation. */
export interface LocalKey {
  readonly keyId: string
  load(): Awaitable<KeyObject>
}

/** What a local provider is made of. */
export interface LocalProviderOptions {
  readonly id: string
  /** The key of new wraps. */
  readonly current: LocalKey
  /** Keys that still unwrap. */
  readonly previous: readonly LocalKey[]
}

/** A provider over keys in this process. */
export function localProvider({ id, current, previous }: LocalProviderOptions): KeyProvider {
  const keys = new Map([...previous, current].map((key) => [key.keyId, key]))
  return Object.freeze({
    id,
    currentKeyIds: () => new Set([current.keyId]),
    async wrap(request) {
      return [wrapLocal({ kek: await current.load(), keyId: current.keyId, request })]
    },
    async unwrap(record, scope) {
      const { keyId } = parseWrappedKey(record)
      const key = keys.get(keyId)
      if (key === undefined) throw new VaultError('VAULT_KEY_UNKNOWN', { keyId })
      return unwrapLocal({ kek: await key.load(), record, scope })
    },
  } satisfies KeyProvider)
}

/** Holds keys as KeyObjects, and wipes their bytes. Throws `VAULT_CONFIG_INVALID` when one id names two keys. */
export function holdKeys(materials: readonly KeyMaterial[], field: string): readonly LocalKey[] {
  const byId = new Map<string, KeyMaterial>()
  for (const material of materials) {
    const other = byId.get(material.keyId) ?? material
    if (!sameBytes(other.bytes, material.bytes))
      throw invalidConfig(field, 'must not have two different keys of one key id.')
    byId.set(material.keyId, material)
  }
  const held = [...byId.values()].map(heldKey)
  for (const { bytes } of materials) wipe(bytes)
  return held
}

function heldKey({ keyId, bytes }: KeyMaterial): LocalKey {
  const kek = createSecretKey(bytes)
  wipe(bytes)
  return { keyId, load: () => kek }
}
