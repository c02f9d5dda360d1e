// What an audit event says, and how it is kept: rows of a chain, checkpoints, sinks.

import type { VaultErrorCode } from '../errors/index.ts'
import type { Awaitable, CallOptions } from './awaitable.ts'

/** What happened. Kinds of the vault itself are named after their subject; nothing else is ever emitted. */
export const auditActions = Object.freeze([
  'secret.created',
  'secret.accessed',
  'secret.updated',
  'secret.deleted',
  'secret.undeleted',
  'secret.destroyed',
  'secret.rotated',
  'secret.shared',
  'secret.unshared',
  'secret.listed',
  'secret.activated',
  'secret.deactivated',
  'secret.expired',
  'secret.renewed',
  'secret.needs-sign-in',
  'secret.validated',
  'key.generated',
  'key.counted',
  'key.rewrapped',
  'key.rekeyed',
  'key.dropped',
  'key.served-stale',
  'audit.opened',
  'audit.closed',
  'audit.read',
  'audit.exported',
  'audit.verified',
  'audit.dropped',
  'backup.created',
  'backup.restored',
  'backup.pruned',
  'config.changed',
  'access.escalation',
  'access.canary',
  'owner.erased',
  'vault.locked',
  'vault.unlocked',
  'vault.checked',
] as const)

export type AuditAction = (typeof auditActions)[number]

/** `missing`: there was nothing of that name. `intent`: written before a write, on stores without transactions. */
export type AuditOutcome = 'allowed' | 'denied' | 'missing' | 'failed' | 'intent'

/** What the vault says of one operation. An allow-list: never a value, an error message or free data. */
export interface AuditEvent {
  readonly action: AuditAction
  readonly outcome: AuditOutcome
  /** The verb that was called, such as `get` or `share`. */
  readonly operation: string
  readonly principal: string
  readonly roles?: readonly string[]
  readonly owner?: string
  readonly server?: string
  readonly name?: string
  readonly secretId?: string
  readonly version?: number
  /** Whom a grant was given to or taken from. */
  readonly grantee?: string
  /** How many secrets, keys or events the operation covered. */
  readonly count?: number
  readonly errorCode?: VaultErrorCode
  /** The KEK that wraps the data key in use, as `kekId#version`. */
  readonly keyId?: string
  /** SHA-256 of the envelope, hex. */
  readonly envelopeDigest?: string
  readonly sourceIp?: string | undefined
  readonly userAgent?: string | undefined
  readonly correlationId?: string | undefined
  readonly deploymentId?: string | undefined
  readonly reason?: string | undefined
  readonly durationMs?: number
  /** How long ago the key provider last opened the data key, in ms. */
  readonly keyAgeMs?: number
  /**
   * The principal may not know that there is such a secret. Its own log shows it the event of an absent secret instead.
   */
  readonly hidden?: true
}

/** Projections of the body for queries. The verifier derives them again and compares. */
export interface AuditColumns {
  readonly at: Date
  readonly action: AuditAction
  readonly outcome: AuditOutcome
  readonly principal: string
  readonly owner?: string
  readonly server?: string
  readonly name?: string
  readonly secretId?: string
  readonly correlationId?: string
}

/** One link of a chain. */
export interface AuditRow {
  /** 32 hex digits: one stream is one writer of one process start. */
  readonly stream: string
  /** From 0, without gaps. */
  readonly sequence: number
  /** 32 bytes over the body and everything before it in the stream. */
  readonly mac: Uint8Array
  /** The exact bytes that were chained: canonical JSON, UTF-8. */
  readonly body: Uint8Array
  readonly columns: AuditColumns
  /**
   * Present when the body was replaced after the fact (a pseudonymised user): 32 bytes that prove that a holder of
   * the vault's keys did it. The mac stays the original's, so that the chain still holds.
   */
  readonly redaction?: Uint8Array
}

/** A signed statement of how far every stream had come. */
export interface Checkpoint {
  /** Hex digits of the SHA-256 of the note. */
  readonly id: string
  readonly createdAt: Date
  /** The whole signed note, as text. */
  readonly note: string
}

/**
 * A place that audit rows go to. Resolve when the rows are as durable as the sink makes them; reject otherwise. The
 * vault may send the same rows again after a failure, so a sink must take repeats.
 */
export interface AuditSink {
  readonly id: string
  /** True when acceptance by this sink alone may release a value. */
  readonly durable: boolean
  write(rows: readonly AuditRow[], options: CallOptions): Awaitable<void>
  /** Called once, at the vault's close. */
  close?(): Awaitable<void>
}
