// verifyAudit: the whole trail, read page by page and checked against the vault's own keys.
import { type AuditVerification, verifyAudit } from '../audit/index.ts'
import type { Checkpoint } from '../contracts/index.ts'
import { type Call, signalOf } from '../vault/call.ts'
import { auditScope, checkpointSeedOf } from '../vault/runtime.ts'
import type { ParsedWork } from './work.ts'

/** What the trail's check found. */
export type TrailReport = AuditVerification

/** Checks the trail as it is in the store, with checkpoints kept elsewhere when there are any. */
export async function verifyTrail(
  call: Call,
  { onProgress, checkpoints }: ParsedWork & { readonly checkpoints: readonly Checkpoint[] },
): Promise<TrailReport> {
  const { trail, keys, store, vaultId } = call.runtime
  await trail?.flush()
  const root = (await keys.active(auditScope, signalOf(call))).key
  const report = await verifyAudit({
    root,
    checkpointSeed: checkpointSeedOf(root, vaultId),
    vaultId,
    store: store.audit,
    checkpoints,
    ...signalOf(call),
    ...(onProgress === undefined ? {} : { onProgress }),
  })
  call.facts.count = report.events
  if (!report.ok) call.outcome = 'failed'
  return report
}
