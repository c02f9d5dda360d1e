// The provider behind every key that is held in this process: it finds the key that a record names and uses it.
import { createSecretKey, type KeyObject } from 'node:crypto'
import { sameBytes, wipe } from '../bytes/index.ts'
import type { KeyProvider, KeyScope } from '../contracts/index.ts'
import { keyFingerprint, parseWrappedKey, unwrapLocal, wrapLocal } from '../envelope/index.ts'
import { isVaultError, VaultError } from '../errors/index.ts'
import type { KeyMaterial } from './key-text.ts'
import { invalidConfig } from './options.ts'

/** A key in this process. */
export interface LocalKey {
  readonly keyId: string
  readonly kek: KeyObject
}

/** A key that a passphrase is derived into, at the first `load`. */
export interface DerivedKey {
  /** How the key ids of all passphrases with these parameters and this salt begin. */
  readonly family: string
  load(): Promise<LocalKey>
}

/** What a local provider is made of. */
export interface LocalProviderOptions {
  readonly id: string
  /** The key of new wraps. */
  readonly current: LocalKey | DerivedKey
  /** Keys that still unwrap. */
  readonly previous: readonly LocalKey[]
}

/** A provider over keys in this process. */
export function localProvider({ id, current, previous }: LocalProviderOptions): KeyProvider {
  const own = async (): Promise<LocalKey> => ('load' in current ? current.load() : current)
  return Object.freeze({
    id,
    currentKeyIds: async () => new Set([(await own()).keyId]),
    fingerprints: async () =>
      new Map([...previous, await own()].map(({ keyId, kek }) => [keyId, keyFingerprint(kek)] as const)),
    async wrap(request) {
      const { kek, keyId } = await own()
      return [wrapLocal({ kek, keyId, request })]
    },
    async unwrap(record, scope) {
      const parsed = parseWrappedKey(record)
      const { keyId } = parsed
      const named = previous.find((key) => key.keyId === keyId) ?? (await own())
      if (named.keyId === keyId) return unwrapLocal({ kek: named.kek, record, parsed, scope })
      const dek = unwrapRenamed({ keys: [...previous, named], record, scope })
      if (dek !== undefined) return dek
      throw 'family' in current ? otherPassphrase(keyId, current) : new VaultError('VAULT_KEY_UNKNOWN', { keyId })
    },
  } satisfies KeyProvider)
}

function otherPassphrase(keyId: string, { family }: DerivedKey): VaultError {
  if (keyId.startsWith(family)) {
    const detail = 'It was made from another passphrase. A line break or blank at the end is part of one.'
    return new VaultError('VAULT_KEY_MISMATCH', { keyId, detail })
  }
  const detail = 'The key of a passphrase needs the salt and the parameters that it was first derived with.'
  return new VaultError('VAULT_KEY_UNKNOWN', { keyId, detail })
}

/** The data key of a record whose key this process holds under another key id; undefined when it does not. */
function unwrapRenamed(request: {
  readonly keys: readonly LocalKey[]
  readonly record: Uint8Array
  readonly scope: KeyScope
}): Buffer | undefined {
  const { keys, record, scope } = request
  for (const { kek } of keys) {
    try {
      return unwrapLocal({ kek, record, scope })
    } catch (error) {
      if (!isVaultError(error, 'VAULT_OPEN_FAILED')) throw error
    }
  }
  return undefined
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
  return { keyId, kek }
}
