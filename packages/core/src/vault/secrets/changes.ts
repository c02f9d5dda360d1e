// What every change of a secret checks, and what it answers.
import type { SecretInfo, SecretRef, StoredSecret } from '../../contracts/index.ts'
import { VaultError } from '../../errors/index.ts'
import { type Call, denied } from '../operation.ts'
import { decideFor, factsOf } from '../record/admit.ts'
import type { Draft } from '../record/commit.ts'
import { infoOf } from '../record/describe.ts'

/** Throws unless the principal, who may change the secret, may also change what rules of roles look at. */
export async function allowReclassify(call: Call, record: StoredSecret, draft: Draft): Promise<void> {
  const isSame = draft.type === record.type && draft.tier === record.tier && sameTags(draft.tags, record.tags)
  if (isSame) return
  const question = { operation: 'reclassify', secret: factsOf(record), grants: record.grants } as const
  const { allowed } = await decideFor(call, question)
  if (!allowed) throw denied(call, 'Changing type, tier or tags takes the permission admin.')
}

function sameTags(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((tag, index) => tag === b[index])
}

/** Throws `VAULT_CONFLICT` unless the version expected is the current one. */
export function checkIfVersion(ref: SecretRef, ifVersion: number | undefined, current: number): void {
  if (ifVersion === undefined || ifVersion === current) return
  throw new VaultError('VAULT_CONFLICT', {
    ref,
    detail: 'must be the current version, or 0 when there is no such secret.',
    field: 'ifVersion',
    retryable: false,
  })
}

/** The written record as its caller sees it. */
export function writtenInfo(call: Call): (written: StoredSecret) => SecretInfo {
  return (written) => infoOf(written, call.runtime.config.clock.now())
}
