// The bounds of a trail: how much is written at once, how long is waited, how much is held.

/** Bounds of a trail. */
export interface AuditLimits {
  /** Most rows of one append. Default 256. */
  readonly batchRows: number
  /**
   * How long buffered events wait for company; a crash loses them. Default 50. Required events never wait: those of
   * calls that meet share an append anyway.
   */
  readonly batchDelayMs: number
  /** How long one sink may take for one batch, and a write for a free lane. Default 5,000. */
  readonly sinkTimeoutMs: number
  /** How long a failed sink is left alone when nothing new comes. Default 1,000. */
  readonly retryDelayMs: number
  /** Most rows held in memory for each sink. Default 10,000. */
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
