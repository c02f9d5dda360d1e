// What every change of a secret checks, and what it answers.
import { includesLevel } from '../../access/index.ts'
import type { SecretInfo, SecretRef, StoredSecret } from '../../contracts/index.ts'
import { VaultError } from '../../errors/index.ts'
import { type Call, denied, type Failed } from '../operation.ts'
import { decideFor, factsOf, type Granted, tooFar } from '../record/admit.ts'
import type { Draft } from '../record/commit.ts'
import { infoOf } from '../record/describe.ts'

/** The refusal of a principal who may change the secret, but not what rules of roles look at. */
export async function refuseReclassify(call: Call, secret: Granted, draft: Draft): Promise<Failed | undefined> {
  const { record, facts } = secret
  const isSame = draft.type === record.type && draft.tier === record.tier && sameTags(draft.tags, record.tags)
  if (isSame) return undefined
  const question = { operation: 'reclassify', secret: factsOf(record), grants: record.grants } as const
  const { allowed, level, exceeds } = await decideFor(call, question)
  if (allowed) return undefined
  const failure = denied(call, exceeds ? tooFar : 'Changing type, tier or tags takes the permission admin.')
  const isEscalation = exceeds || !includesLevel(level, 'admin')
  return { failure, event: isEscalation ? { ...facts, action: 'access.escalation' } : facts }
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
