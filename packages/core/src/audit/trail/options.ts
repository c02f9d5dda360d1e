// What a trail is opened with, what it can do, its limits, and its alarms.
import type { KeyObject } from 'node:crypto'
import type {
  AuditEvent,
  AuditRow,
  AuditSink,
  Awaitable,
  CallOptions,
  Checkpoint,
  VaultStore,
} from '../../contracts/index.ts'
import type { Clock } from '../../time/index.ts'
import type { AuditRecord } from '../log/event.ts'
import type { UntrustedEvent } from '../log/seal.ts'

/** What a trail is opened with. */
export interface AuditTrailOptions {
  /** The audit root key, 32 bytes. */
  readonly root: KeyObject
  /** 32 bytes derived from the root for signing checkpoints; the caller may wipe them afterwards. */
  readonly checkpointSeed: Uint8Array
  /** 16 bytes. */
  readonly vaultId: Uint8Array
  /** The first sink, always counted as durable. Without it only `sinks` are written. */
  readonly store?: VaultStore | undefined
  readonly sinks?: readonly AuditSink[] | undefined
  /** `required`: an event is durable before its call resolves. `buffered`: it is queued, and lost when the process dies. */
  readonly mode: 'required' | 'buffered'
  readonly clock: Clock
  readonly limits?: Partial<AuditLimits> | undefined
  /** Given each checkpoint, for keeping it where who writes the database cannot. */
  readonly onCheckpoint?: ((checkpoint: Checkpoint) => Awaitable<void>) | undefined
  readonly onAlarm?: RaiseAlarm | undefined
  /** @internal Makes stream ids in tests. */
  readonly randomBytes?: ((size: number) => Uint8Array) | undefined
}

/** A write that its event must land with. */
export interface RecordedWrite<T> {
  readonly event: AuditEvent
  /** Does the write. Rows that it is given must land in the same transaction. When it throws, the outcome is unknown. */
  readonly commit: (rows: readonly AuditRow[] | undefined) => Awaitable<T>
  /** Whether the write took place, as told by its result. */
  readonly applied: (result: T) => boolean
  readonly signal?: AbortSignal | undefined
}

/** The writing end of the audit trail. */
export interface AuditTrail {
  /**
   * Records events. In required mode it resolves when one durable sink has them. The signal ends the wait, not the
   * event.
   *
   * @throws VaultError `VAULT_AUDIT_FAILED` when no durable sink took them, or too many are held already;
   * `VAULT_CLOSED` after `close`. TypeError when a field is of a wrong type.
   */
  record(events: AuditEvent | readonly AuditEvent[], options?: CallOptions): Promise<void>
  /**
   * Does a write and records its event with it: in the same transaction where the store has them, else as an intent
   * before and an outcome after. What `commit` throws is thrown on.
   *
   * @throws VaultError `VAULT_AUDIT_FAILED` and `VAULT_CLOSED` as `record` does.
   */
  recordWith<T>(write: RecordedWrite<T>): Promise<T>
  /**
   * Sends what is queued at this moment, to every sink.
   *
   * @throws VaultError `VAULT_AUDIT_FAILED` when no durable sink took it, or not in time.
   */
  flush(): Promise<void>
  /**
   * Waits until the store has what is queued at this moment, for who reads the trail next: until it was written, an
   * attempt failed, or `sinkTimeoutMs` are over. Rejects with the signal's reason, and with nothing else.
   */
  settle(options?: CallOptions): Promise<void>
  /**
   * Signs a checkpoint now. Undefined when nothing is new since the last one.
   *
   * @throws VaultError `VAULT_AUDIT_FAILED` when it could not be kept.
   */
  checkpoint(): Promise<Checkpoint | undefined>
  /**
   * Ends every stream, signs the last checkpoint and closes the sinks, all in bounded time. Idempotent.
   *
   * @throws VaultError `VAULT_AUDIT_FAILED` when events could not be delivered; all else is closed then too.
   */
  close(): Promise<void>
  /** The raw Ed25519 key that checks checkpoints, base64url. Keep it apart from the database. */
  publicKey(): string
  /** Whether this trail still writes to the stream with this id. */
  isWriting(stream: string): boolean
  /** For each row its event, or its place alone when this vault did not write it as it is. */
  check(rows: readonly AuditRow[]): readonly (AuditRecord | UntrustedEvent)[]
}

/** How much is written at once, how long is waited, and how much is held. */
export interface AuditLimits {
  /** The rows of one append, at most. Default 256. */
  readonly batchRows: number
  /**
   * How long a buffered event waits for others to share its append; a crash loses them. Default 50. Required events do
   * not wait: those of concurrent calls share an append anyway.
   */
  readonly batchDelayMs: number
  /** How long one sink may take for one batch, and a write may wait for a free stream. Default 5,000. */
  readonly sinkTimeoutMs: number
  /** When a failed sink is tried again, unless a new event comes before. Default 1,000. */
  readonly retryDelayMs: number
  /** The rows held in memory for each sink, at most. Default 10,000. */
  readonly queueRows: number
  /** A checkpoint is made after so many events. Default 1,000. */
  readonly checkpointEvents: number
  /** A checkpoint is made so long after the first event since the last one. Default 60,000. */
  readonly checkpointMs: number
}

export const defaultAuditLimits: AuditLimits = Object.freeze({
  batchRows: 256,
  batchDelayMs: 50,
  sinkTimeoutMs: 5_000,
  retryDelayMs: 1_000,
  queueRows: 10_000,
  checkpointEvents: 1_000,
  checkpointMs: 60_000,
})

/** Something that an operator should look into. */
export type AuditAlarm =
  /** The store already had another row in this place of a stream: a copied process, or someone who writes the database. */
  | { readonly kind: 'fork'; readonly stream: string }
  /** Events were not kept. With `sink`, that one sink lost rows that others may have. */
  | { readonly kind: 'dropped'; readonly count: number; readonly sink?: string }
  /** A sink failed or did not answer in time. Raised once, until it accepts rows again. */
  | { readonly kind: 'sink-failed'; readonly sink: string; readonly cause: unknown }
  /** The store refuses an event permanently. It was left out, which an `audit.dropped` event says, and the rest goes on. */
  | { readonly kind: 'refused'; readonly sink: string; readonly cause: unknown }
  /** A checkpoint could not be made or kept. */
  | { readonly kind: 'checkpoint-failed'; readonly cause: unknown }

/** Takes alarms. */
export type RaiseAlarm = (alarm: AuditAlarm) => void
