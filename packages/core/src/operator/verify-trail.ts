// verifyAudit: the whole trail, read page by page and checked against the vault's own keys.
import { type AuditVerification, verifyAudit } from '../audit/index.ts'
import type { Checkpoint } from '../contracts/index.ts'
import { checkpointSeedOf } from '../envelope/index.ts'
import type { Call, Done } from '../vault/operation.ts'
import { auditScope } from '../vault/runtime.ts'
import type { ParsedWork } from './work.ts'

/** What the trail's check found. */
export type TrailReport = AuditVerification

/** Checks the trail as it is in the store, with checkpoints kept elsewhere when there are any. */
export async function verifyTrail(
  call: Call,
  { onProgress, checkpoints }: ParsedWork & { readonly checkpoints: readonly Checkpoint[] },
): Promise<Done<TrailReport>> {
  const { trail, keys, store, vaultId } = call.runtime
  await trail?.settle({ signal: call.signal })
  const root = (await keys.active(auditScope, { signal: call.signal })).key
  const report = await verifyAudit({
    root,
    checkpointSeed: checkpointSeedOf(root, vaultId),
    vaultId,
    store: store.audit,
    checkpoints,
    isWriting: trail?.isWriting,
    signal: call.signal,
    ...(onProgress === undefined ? {} : { onProgress }),
  })
  return { result: report, event: { count: report.events, outcome: report.ok ? 'allowed' : 'failed' } }
}
