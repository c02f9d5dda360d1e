// The contract of a key provider: it wraps data keys (DEKs) under key-encryption keys (KEKs) that never leave it.
import type { Awaitable, CallOptions } from './awaitable.ts'

/** What a data key is for; bound into every wrap of it. */
export interface KeyScope {
  /** 16 bytes, made once for each vault. */
  readonly vaultId: Uint8Array
  /**
   * `values`: the secrets of one owner and server. `audit`: the audit root, and `archive`: one backup; both names are
   * empty then.
   */
  readonly kind: 'values' | 'audit' | 'archive'
  readonly server: string
  readonly owner: string
}

/** A data key on its way into a wrap. */
export interface WrapRequest {
  /** 16 random bytes. */
  readonly dekId: Uint8Array
  /** 32 bytes. Borrowed: the provider must not keep it. */
  readonly dek: Uint8Array
  readonly scope: KeyScope
}

/** A data key that the key service made, with its wraps. */
export interface GeneratedKey {
  /** 32 bytes. The caller wipes it. */
  readonly dek: Uint8Array
  readonly wraps: readonly Uint8Array[]
}

/** What a failure of the provider means for keys that are cached. */
export type KeyFailure = 'transient' | 'denied' | 'integrity'

/**
 * Wraps and unwraps data keys. Wraps are whole MCK1 records, so that a stored key says by itself which KEK opens it.
 *
 * Throw `VAULT_KEY_UNKNOWN` when the record names a KEK that this provider does not hold, also when it can only wrap to
 * it, such as the public half of a recovery key; `VAULT_KEY_DENIED` when the key service refuses,
 * `VAULT_KEY_UNAVAILABLE` when it does not answer, and `VAULT_OPEN_FAILED` when the record was altered or belongs to
 * another scope.
 */
export interface KeyProvider {
  /** Names the provider in caches and errors; the same across restarts. */
  readonly id: string
  /**
   * The key ids (`kekId#version`) that the wraps of a data key would have if they were made now. It may be a promise: a
   * key service knows its newest version only when it is asked. The vault asks to count and to rewrap data keys, never
   * to read or write a secret.
   */
  currentKeyIds(options?: CallOptions): Awaitable<ReadonlySet<string>>
  /**
   * The fingerprints of the keys that are held in this process, older ones too, by key id: 8 bytes each, as
   * `keyFingerprint` makes them. The vault keeps the first fingerprint of each key id, and refuses another key under the
   * same id with `VAULT_KEY_MISMATCH`. Leave it out where a key service holds the keys.
   */
  fingerprints?(options?: CallOptions): Awaitable<ReadonlyMap<string, Uint8Array>>
  /** Wraps one data key: one to eight records, any one of which opens it. */
  wrap(request: WrapRequest, options?: CallOptions): Awaitable<readonly Uint8Array[]>
  /** Unwraps one record: 32 bytes, fresh memory, which the caller wipes. */
  unwrap(record: Uint8Array, scope: KeyScope, options?: CallOptions): Awaitable<Uint8Array>
  /** Makes a data key inside the key service. Without it, the vault takes 32 bytes from the CSPRNG and wraps them. */
  generate?(request: Omit<WrapRequest, 'dek'>, options?: CallOptions): Awaitable<GeneratedKey>
  /**
   * Wraps again inside the key service. It is given the wraps of one data key that `unwrap` opened, at least one, and
   * gives what `wrap` would give for it now; a wrap that is already so is given back as it is. Without it, the vault
   * unwraps and calls `wrap`.
   */
  rewrap?(wraps: readonly Uint8Array[], scope: KeyScope, options?: CallOptions): Awaitable<readonly Uint8Array[]>
  /**
   * The one name of a key that has several key ids, such as a multi-Region key of AWS KMS, which has one in each region.
   * Wraps under any of them count as wraps of one key. Without it every key id is a key of its own.
   */
  canonicalKeyId?(keyId: string): string
  /** Sorts a failure. Without it, the code of a VaultError decides, and anything else is transient. */
  classify?(error: unknown): KeyFailure
}
