// What a secret is: the stored record that adapters keep, and the description without a value that callers see.
import type { Permission } from './permission.ts'
import type { SecretRef } from './ref.ts'

/** The types that every vault knows; a vault may register more. */
export const builtInSecretTypes = Object.freeze(['api_key', 'database_url', 'jwt_secret', 'custom'] as const)

/** 1 critical, 2 sensitive, 3 internal. */
export type Tier = 1 | 2 | 3

/** `deleted` can be undone; a destroyed secret has no record at all. */
export type SecretState = 'active' | 'inactive' | 'deleted'

/** What the plaintext of a version is: UTF-8 text, raw bytes, or a JSON object of strings in canonical form (RFC 8785). */
export type ValueEncoding = 'text' | 'bytes' | 'fields'

/** `pending` is staged and not served yet; `retired` is kept for a grace period after a rotation. */
export type VersionState = 'active' | 'pending' | 'retired'

/** One version of a secret's value, as stored. */
export interface StoredVersion {
  /** From 1, without gaps while it is kept. */
  readonly version: number
  readonly encoding: ValueEncoding
  readonly state: VersionState
  /** The 32-byte commitment of the envelope; it pins this sealing in the record seal. */
  readonly commitment: Uint8Array
  readonly createdAt: Date
  /** The principal who set it. */
  readonly createdBy: string
  /**
   * The sealed value (MCV1). In a `put`, absent means: keep the bytes stored for this version number. In a result,
   * absent means: not asked for.
   */
  readonly envelope?: Uint8Array
}

/** A stored permission of one principal on one secret. At most one for each principal. */
export interface StoredGrant {
  readonly principal: string
  readonly permission: Permission
  readonly grantedBy: string
  readonly grantedAt: Date
  /** When set, the grant holds only for calls with this deployment id. */
  readonly deploymentId?: string
}

/** A whole secret as a store keeps it. The store reads what it indexes and treats the rest as opaque. */
export interface StoredSecret {
  /** A random UUID, the same across updates and rotation. */
  readonly id: string
  readonly ref: SecretRef
  /** The compare-and-swap counter: any positive number below 2^30 at first, then one more with each `put`. */
  readonly revision: number
  readonly currentVersion: number
  readonly state: SecretState
  readonly type: string
  readonly tier: Tier
  readonly description?: string
  /** Sorted, without repeats. */
  readonly tags: readonly string[]
  readonly expiresAt?: Date
  readonly createdAt: Date
  readonly updatedAt: Date
  /** Counters of use are outside the record seal and move by `touch` alone. */
  readonly lastUsedAt?: Date
  readonly useCount: number
  /** The data key (32 hex digits) whose record seal this is. */
  readonly dekId: string
  /** The record seal, 32 bytes. */
  readonly mac: Uint8Array
  /**
   * What the vault manages for the secret, such as its rotation, as `encodeManaged` writes it: opaque to stores, under
   * the record seal; empty when there is nothing.
   */
  readonly managed: Uint8Array
  /** Sorted by principal, in the order of JavaScript's `<`. */
  readonly grants: readonly StoredGrant[]
  /** Sorted by version, newest last. */
  readonly versions: readonly StoredVersion[]
  /**
   * True when the store cannot read what it kept. Then `ref`, `id`, `revision` and `createdAt` are those by which the
   * store finds, compares and orders the record, and all other fields are blank. The vault trusts nothing of it.
   */
  readonly isDamaged?: true
}

/** A secret as callers see it: never a value. */
export interface SecretInfo {
  readonly id: string
  readonly owner: string
  readonly server: string
  readonly name: string
  readonly type: string
  readonly tier: Tier
  readonly description: string | undefined
  readonly tags: readonly string[]
  readonly state: SecretState | 'expired'
  readonly isActive: boolean
  /** What the current value is. */
  readonly encoding: ValueEncoding
  /** The current version. */
  readonly version: number
  /** Another after each change of the secret, its settings, state or grants, and after a rekey; uses leave it. For `ifRevision`. */
  readonly revision: number
  readonly expiresAt: Date | undefined
  /** The hosts that it may be sent to; absent when it is not bound to any. */
  readonly hosts: readonly string[] | undefined
  /** Until when the current value works, as its writer said. */
  readonly freshUntil: Date | undefined
  /** The current value can be renewed no more: somebody has to sign in again. The next `set` ends it. */
  readonly needsSignIn: boolean
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly lastUsedAt: Date | undefined
  readonly useCount: number
  /** Present on a canary, for its owner and for principals with the permission `admin` alone. */
  readonly isCanary?: true
}

/** A record whose seal does not hold, or that the store cannot read: only its ref can be trusted. */
export interface UntrustedInfo {
  readonly owner: string
  readonly server: string
  readonly name: string
  readonly state: 'untrusted'
}

/** One kept version of a secret, without its value. */
export interface VersionInfo {
  readonly version: number
  readonly encoding: ValueEncoding
  readonly state: VersionState
  readonly isCurrent: boolean
  readonly createdAt: Date
  readonly createdBy: string
}

/** A permission on one secret, as callers see it. */
export interface GrantInfo {
  readonly principal: string
  readonly permission: Permission
  readonly grantedBy: string
  readonly grantedAt: Date
  readonly deploymentId: string | undefined
}
