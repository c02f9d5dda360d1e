// Counts uses of secrets in the background: collected in memory, written in batches. No read waits for it.

import type { SecretRef, SecretStore, StoredSecret } from '../../contracts/index.ts'
import type { Clock } from '../../time/index.ts'
import type { VaultLogger } from '../options.ts'

export interface UsesOptions {
  readonly store: Pick<SecretStore, 'touch'>
  readonly clock: Clock
  readonly gatherMs: number
  readonly logger: VaultLogger | undefined
}

export interface Uses {
  add(record: StoredSecret): void
  /** Writes what has been gathered. A failure is logged, and only these counts are lost. */
  flush(): Promise<void>
}

interface Use {
  readonly ref: SecretRef
  readonly id: string
  lastUsedAt: Date
  uses: number
}

const maxGathered = 10_000

export function createUses({ store, clock, gatherMs, logger }: UsesOptions): Uses {
  let gathered = new Map<string, Use>()
  let cancelTimer: (() => void) | undefined

  async function flush(): Promise<void> {
    cancelTimer?.()
    cancelTimer = undefined
    if (gathered.size === 0) return
    const batch = [...gathered.values()]
    gathered = new Map()
    try {
      await store.touch(batch)
    } catch {
      logger?.warn({ uses: batch.length }, 'Uses of secrets could not be counted.')
    }
  }

  return {
    add({ ref, id }) {
      const use = gathered.get(id)
      if (use !== undefined) {
        use.lastUsedAt = clock.now()
        use.uses++
      } else if (gathered.size < maxGathered) {
        gathered.set(id, { ref, id, lastUsedAt: clock.now(), uses: 1 })
      }
      cancelTimer ??= clock.schedule(() => void flush(), gatherMs)
    },
    flush,
  }
}
