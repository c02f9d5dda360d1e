// The contract of a store: five small interfaces in one object, on engines with or without SQL, transactions or one process.

import type { AuditRow } from './audit.ts'
import type { AuditStore } from './audit-store.ts'
import type { Awaitable, CallOptions } from './awaitable.ts'
import type { Scope, SecretRef } from './ref.ts'
import type { SecretState, StoredSecret, Tier } from './secret.ts'

/** What a store can do: declared once, read by the vault and by the conformance cases. */
export interface StoreSupport {
  /** A record and its audit rows land together or not at all. */
  readonly transactions: boolean
  /** `watch` tells which data keys other processes changed. */
  readonly watch: boolean
  /** `strict`: an acknowledged write survives the loss of the process and of the machine's power. */
  readonly durability: 'strict' | 'best-effort'
  /** How many writes the engine takes concurrently, or commits together. */
  readonly writers: number
}

/** Which versions of a record come with their envelope. The list of versions is always whole. */
export type VersionSelection = 'current' | 'all' | number

/** Where a page of secrets begins: after the record with this creation time and id. */
export interface SecretCursor {
  readonly createdAt: Date
  readonly id: string
}

/** Conditions that all hold. Results are ordered newest first: by `createdAt`, then by `id`, both descending. */
export interface SecretQuery {
  readonly owner?: string
  readonly server?: string
  /** Owned by this principal, or granted to it. */
  readonly visibleTo?: string
  /** Owned by any other principal. Together with the same `visibleTo`: what was granted to it. */
  readonly notOwner?: string
  readonly tagsAny?: readonly string[]
  readonly tagsAll?: readonly string[]
  readonly type?: string
  readonly tier?: Tier
  readonly states?: readonly SecretState[]
  /** Has an expiry, and it is before this instant. */
  readonly expiresBefore?: Date
  readonly dekId?: string
  readonly after?: SecretCursor
  /** From 1 to 1,000. */
  readonly limit: number
}

/** How a write must find the record, and what must land with it. */
export interface PutOptions extends CallOptions {
  /** The revision that must be stored now; 0 when there must be no record. */
  readonly ifRevision: number
  /** Appended in the same transaction. Given only to a store that supports transactions. */
  readonly audit?: readonly AuditRow[]
}

/** One use of a secret, counted after the fact. */
export interface SecretUse {
  readonly ref: SecretRef
  /** The use is dropped when the record now has another id. */
  readonly id: string
  readonly lastUsedAt: Date
  readonly uses: number
}

/**
 * Secrets. A store copies what it keeps and what it returns: nothing a caller holds may change a stored record.
 */
export interface SecretStore {
  /** One record with the envelopes asked for, or undefined. */
  find(ref: SecretRef, versions: VersionSelection, options?: CallOptions): Awaitable<StoredSecret | undefined>
  /** Every record of one scope that is not deleted, with current envelopes, ordered by the bytes of the name; at most `limit`. */
  findAll(scope: Scope, options: CallOptions & { readonly limit: number }): Awaitable<readonly StoredSecret[]>
  /**
   * Stores a whole record with its versions and grants, atomically: versions and grants that are not in it are gone.
   * False when the stored revision is not `ifRevision` (nothing is written then). An update keeps the counters of use
   * as stored; an insert takes the record's. Audit rows that fork their stream throw `VAULT_STORE_FAILED`, not
   * retryable, and neither lands.
   */
  put(record: StoredSecret, options: PutOptions): Awaitable<boolean>
  /**
   * Removes a record with everything of it. False when there is none, or its revision is not `ifRevision`. NaN stands for
   * a stored revision that is no number, as it is in a record that somebody has altered.
   */
  remove(ref: SecretRef, options: PutOptions): Awaitable<boolean>
  /** One page, without envelopes. A record that stays unchanged during paging is seen exactly once. */
  list(query: SecretQuery, options?: CallOptions): Awaitable<readonly StoredSecret[]>
  /** Adds uses; `lastUsedAt` never goes back. Changes neither revision nor seal. */
  touch(batch: readonly SecretUse[], options?: CallOptions): Awaitable<void>
}

/** The scope of a data key as rows know it. */
export interface DataKeyScope extends Scope {
  /** `audit` rows have empty names. */
  readonly kind: 'values' | 'audit'
}

/** A wrapped data key. */
export interface StoredDataKey {
  /** 32 hex digits, random. */
  readonly id: string
  readonly scope: DataKeyScope
  /** At most one row of a scope is `active`. */
  readonly state: 'active' | 'retired'
  /** One to eight MCK1 records, any of which opens the key. */
  readonly wraps: readonly Uint8Array[]
  readonly revision: number
  readonly createdAt: Date
}

/** Which data keys, ordered by id. */
export interface DataKeyQuery {
  readonly owner?: string
  /** The id of the last row of the page before. */
  readonly after?: string
  /** From 1 to 1,000. */
  readonly limit: number
}

/** Wrapped data keys. Reads must see every acknowledged write of every process. */
export interface DataKeyStore {
  /** By id, only when the row is of this scope. */
  find(id: string, scope: DataKeyScope, options?: CallOptions): Awaitable<StoredDataKey | undefined>
  active(scope: DataKeyScope, options?: CallOptions): Awaitable<StoredDataKey | undefined>
  /**
   * Inserts an active row, durably, unless the scope has one. Returns the row that is active afterwards: the loser
   * of a race gets the winner's.
   */
  insert(row: StoredDataKey, options?: CallOptions): Awaitable<StoredDataKey>
  /** Replaces a row of the same id and scope. False when the stored revision is not `ifRevision`. */
  replace(row: StoredDataKey, options: CallOptions & { readonly ifRevision: number }): Awaitable<boolean>
  /** Removes a row: everything sealed under the key is permanently unreadable. */
  remove(id: string, scope: DataKeyScope, options?: CallOptions): Awaitable<void>
  list(query: DataKeyQuery, options?: CallOptions): Awaitable<readonly StoredDataKey[]>
}

/** Small values that are written once. */
export interface MetaStore {
  read(key: string, options?: CallOptions): Awaitable<Uint8Array | undefined>
  /** Returns what is stored afterwards: the given bytes, or those of an earlier writer. */
  insertOnce(key: string, bytes: Uint8Array, options?: CallOptions): Awaitable<Uint8Array>
}

/**
 * What another process changed, of what vaults cache: data keys. `everything` when changes may have been missed, such as
 * while a connection was away: everything cached must then be read again.
 */
export type StoreChange = { readonly kind: 'dataKey'; readonly scope: DataKeyScope } | { readonly kind: 'everything' }

/** Locks by name that expire, so that one of many processes does a job. */
export interface LockStore {
  /** True when `holder` has the lock now: it was free, expired, or already its own. */
  acquire(name: string, holder: string, ttlMs: number, options?: CallOptions): Awaitable<boolean>
  /** Extends an own, unexpired lock. False when it was lost. */
  renew(name: string, holder: string, ttlMs: number, options?: CallOptions): Awaitable<boolean>
  /** Frees an own lock; another holder's stays. */
  release(name: string, holder: string, options?: CallOptions): Awaitable<void>
}

/**
 * Where a vault keeps everything. Core validates every argument, so an adapter checks nothing; it never opens, closes
 * or configures a client that its caller made.
 *
 * Throw `VAULT_STORE_NOT_READY` when the schema is missing or older, and `VAULT_STORE_FAILED` for every other failure
 * (`retryable` when the same call may succeed later). A write that throws may have happened.
 */
export interface VaultStore {
  /** Names the engine in errors and logs, such as `sqlite`. */
  readonly id: string
  readonly supports: StoreSupport
  readonly secrets: SecretStore
  readonly dataKeys: DataKeyStore
  readonly audit: AuditStore
  readonly meta: MetaStore
  readonly locks: LockStore
  /**
   * Calls `listener` with the scope of each data key that was replaced or removed by another process (or, where the
   * engine cannot tell, by this one too): at most 5 seconds after the change was acknowledged, or with `everything` once
   * it can. A listener that throws or rejects is called again all the same, and ends nothing. Returns the function that
   * ends it.
   */
  watch?(listener: (change: StoreChange) => void): () => void
}
