// sweep: secrets whose expiry has passed are taken out of use, each with its own event.

import type { StoredSecret } from '../contracts/index.ts'
import { isVaultError } from '../errors/index.ts'
import type { Call } from '../vault/call.ts'
import { commitPut } from '../vault/record/commit.ts'
import { isExpired } from '../vault/record/describe.ts'
import { loadRecord } from '../vault/record/load.ts'
import { keptVersions } from '../vault/record/seal-version.ts'
import { secretPages } from './pages.ts'
import type { ParsedWork } from './work.ts'

export interface SweepReport {
  readonly deactivated: number
  /** Records that could not be believed, or not be written. */
  readonly failed: number
}

/** Deactivates every active secret that has expired by now. */
export async function sweepExpired(call: Call, { onProgress }: ParsedWork): Promise<SweepReport> {
  const now = call.runtime.config.clock.now()
  let deactivated = 0
  let failed = 0
  for await (const records of secretPages(call, { states: ['active'], expiresBefore: new Date(now.getTime() + 1) })) {
    for (const record of records) {
      const done = await deactivate({ ...call, ref: record.ref, facts: {} }, record)
      if (done === 'deactivated') deactivated++
      else if (done === 'failed') failed++
    }
    onProgress?.({ done: deactivated + failed })
  }
  call.facts.count = deactivated
  return { deactivated, failed }
}

async function deactivate(call: Call, { ref }: StoredSecret): Promise<'deactivated' | 'failed' | 'unchanged'> {
  try {
    const written = await commitPut(call, ref, async () => {
      const loaded = await loadRecord(call, ref, 'current')
      if (loaded === undefined) return undefined
      if (!loaded.trusted) throw loaded.error
      const { record } = loaded
      if (record.state !== 'active' || !isExpired(record, call.runtime.config.clock.now())) return undefined
      return { previous: record, draft: { ...record, state: 'inactive', versions: keptVersions(record) } }
    })
    return written === undefined ? 'unchanged' : 'deactivated'
  } catch (error) {
    if (!isVaultError(error)) throw error
    return 'failed'
  }
}
