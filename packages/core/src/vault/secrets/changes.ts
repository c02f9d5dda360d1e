// What every change of a secret checks, and what it answers.
import type { SecretInfo, StoredSecret } from '../../contracts/index.ts'
import { VaultError } from '../../errors/index.ts'
import { type Call, denied } from '../call.ts'
import { decideFor, factsOf } from '../record/admit.ts'
import type { Draft } from '../record/commit.ts'
import { infoOf } from '../record/describe.ts'

/** Throws unless the principal may make this change. A secret that it may not know of is denied like an absent one. */
export async function allowChange(
  call: Call,
  change: { readonly record: StoredSecret; readonly draft: Draft; readonly operation: 'set' | 'update' },
): Promise<void> {
  const { record, draft, operation } = change
  call.facts.secretId = record.id
  const secret = factsOf(record)
  const { allowed } = await decideFor(call, { operation, secret, grants: record.grants })
  if (!allowed) throw denied(call)
  const same = draft.type === record.type && draft.tier === record.tier && sameTags(draft.tags, record.tags)
  if (same) return
  const reclassify = await decideFor(call, { operation: 'reclassify', secret, grants: record.grants })
  if (!reclassify.allowed) throw denied(call, 'Changing type, tier or tags takes the permission admin.')
}

function sameTags(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((tag, index) => tag === b[index])
}

/** Throws `VAULT_CONFLICT` unless the version expected is the current one. */
export function checkIfVersion(call: Call, ifVersion: number | undefined, current: number): void {
  if (ifVersion === undefined || ifVersion === current) return
  throw new VaultError('VAULT_CONFLICT', {
    ...(call.ref === undefined ? {} : { ref: call.ref }),
    detail: 'The current version is not the one named by ifVersion.',
    retryable: false,
  })
}

/** The written record as its caller sees it. */
export function writtenInfo(call: Call, written: StoredSecret): SecretInfo {
  return infoOf(written, call.runtime.config.clock.now())
}
