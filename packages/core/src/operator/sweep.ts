// sweep: deactivates secrets whose expiry has passed, each with its own event.

import type { SecretRef } from '../contracts/index.ts'
import { isVaultError } from '../errors/index.ts'
import type { Call, Done } from '../vault/operation.ts'
import { commitPut } from '../vault/record/commit.ts'
import { isExpired } from '../vault/record/describe.ts'
import { loadRecord } from '../vault/record/load.ts'
import { keptVersions } from '../vault/record/seal-version.ts'
import { secretPages } from './pages.ts'
import type { ParsedWork } from './work.ts'

export interface SweepReport {
  readonly deactivated: number
  /** Records that could not be trusted, or not be written. */
  readonly failed: number
}

/** Deactivates every active secret that has expired by now. */
export async function sweepExpired(call: Call, { onProgress }: ParsedWork): Promise<Done<SweepReport>> {
  const now = call.runtime.config.clock.now()
  let deactivated = 0
  let failed = 0
  for await (const records of secretPages(call, { states: ['active'], expiresBefore: new Date(now.getTime() + 1) })) {
    for (const record of records) {
      const done = await deactivate({ ...call, ref: record.ref }, record.ref)
      if (done === 'deactivated') deactivated++
      else if (done === 'failed') failed++
    }
    onProgress?.({ done: deactivated + failed })
  }
  return { result: { deactivated, failed }, event: { count: deactivated } }
}

async function deactivate(call: Call, ref: SecretRef): Promise<'deactivated' | 'failed' | 'unchanged'> {
  const outcome = await commitPut<boolean>(call, {
    ref,
    result: () => true,
    async plan() {
      const loaded = await loadRecord(call, ref, 'current')
      if (loaded === undefined) return { result: false, event: {} }
      if (loaded.kind === 'untrusted') return { failure: loaded.error, event: {} }
      const { record } = loaded
      const isDue = record.state === 'active' && isExpired(record, call.runtime.config.clock.now())
      if (!isDue) return { result: false, event: {} }
      return { previous: record, draft: { ...record, state: 'inactive', versions: keptVersions(record) }, event: {} }
    },
  })
  if (!('failure' in outcome)) return outcome.result ? 'deactivated' : 'unchanged'
  if (isVaultError(outcome.failure)) return 'failed'
  throw outcome.failure
}
