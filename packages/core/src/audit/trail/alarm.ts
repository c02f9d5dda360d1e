// What the trail calls an operator for, and the call itself.

/** Something that an operator should look into. */
export type AuditAlarm =
  /** The store already had another row in this place of a stream: a copied process, or someone who writes the database. */
  | { readonly kind: 'fork'; readonly stream: string }
  /** Events were not kept; with a sink, that one sink lost rows that others may have. */
  | { readonly kind: 'dropped'; readonly count: number; readonly sink?: string }
  /** A sink failed or gave no answer in time. Said once until it accepts rows again. */
  | { readonly kind: 'sink-failed'; readonly sink: string; readonly cause: unknown }
  /** A checkpoint could not be made or kept. */
  | { readonly kind: 'checkpoint-failed'; readonly cause: unknown }

/** Takes alarms. */
export type RaiseAlarm = (alarm: AuditAlarm) => void

/** An alarm function that never throws: a faulty handler must not stop the trail that it watches. */
export function guardedAlarm(handler: RaiseAlarm | undefined): RaiseAlarm {
  return (alarm) => {
    try {
      handler?.(alarm)
    } catch {
      // There is nobody left to tell.
    }
  }
}
