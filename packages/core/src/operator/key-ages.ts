// How old each master key is: the vault keeps when it first wrapped under a key id.
import { mapConcurrent } from '../time/index.ts'
import type { Call, Done } from '../vault/operation.ts'
import type { KeyCensus } from './census.ts'

/** The age of one master key. */
export interface KeyAge {
  /** When the vault first wrapped under this key id, or was about to. A copy of a vault keeps it. */
  readonly firstSeenAt: Date
  /** From then to now; at least 0. */
  readonly ageMs: number
}

/** How many data keys each key id wraps, and since when. */
export interface KeyReport extends KeyCensus {
  /** By key id, of those in use and the current ones. One that the vault has not wrapped under yet has no age. */
  readonly ages: ReadonlyMap<string, KeyAge>
}

const keyIdsAtATime = 16

/** Adds the ages to a census. */
export async function withAges({ runtime, signal }: Call, census: Done<KeyCensus>): Promise<Done<KeyReport>> {
  const { byKeyId, currentKeyIds } = census.result
  const keyIds = [...new Set([...byKeyId.keys(), ...currentKeyIds])]
  const nowMs = runtime.config.clock.now().getTime()
  const ages = new Map<string, KeyAge>()
  await mapConcurrent(keyIds, { limit: keyIdsAtATime, signal }, async (keyId) => {
    const firstSeenAt = await runtime.keys.fingerprints.firstSeenAt(keyId)
    if (firstSeenAt !== undefined) ages.set(keyId, { firstSeenAt, ageMs: Math.max(0, nowMs - firstSeenAt.getTime()) })
  })
  return { ...census, result: { ...census.result, ages } }
}
