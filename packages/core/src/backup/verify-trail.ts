// Verifies the audit trail of an archive while it streams past, with the same checks as that of a store.
import type { KeyObject } from 'node:crypto'
import { type AuditVerification, verifyAudit } from '../audit/index.ts'
import type { CallOptions } from '../contracts/index.ts'
import { checkpointSeedOf } from '../envelope/index.ts'
import { copyPage } from '../transfer/copy-pages.ts'
import type { Entry } from './entries.ts'
import type { OpenArchive } from './open-archive.ts'

export interface TrailOptions {
  /** The audit root. */
  readonly root: KeyObject
  readonly call: CallOptions
  /** Given every entry of the trail, too. */
  take(group: readonly Entry[]): Promise<void>
}

/** The archive must be at its first checkpoint or event. Checkpoints come before events, as verification wants them. */
export function verifyTrail(archive: OpenArchive, { root, call, take }: TrailOptions): Promise<AuditVerification> {
  const { vaultId } = archive.header
  return verifyAudit({
    root,
    vaultId,
    checkpointSeed: checkpointSeedOf(root, vaultId),
    signal: call.signal,
    pageRows: copyPage,
    store: {
      async checkpoints({ limit }) {
        const group = await archive.take('checkpoint', limit)
        await take(group)
        return group.map(({ checkpoint }) => checkpoint)
      },
      // Each page is asked for from the last row of the page before, which is where the archive is.
      async readAll({ limit }) {
        const group = await archive.take('auditRow', limit)
        await take(group)
        return group.map(({ row }) => row)
      },
    },
  })
}
