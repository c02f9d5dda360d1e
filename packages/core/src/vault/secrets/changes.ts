// What every change of a secret checks, and what it answers.
import { includesLevel } from '../../access/index.ts'
import type { SecretInfo, SecretRef, StoredSecret } from '../../contracts/index.ts'
import { VaultError } from '../../errors/index.ts'
import { type Call, denied, type Failed } from '../operation.ts'
import type { ParsedWrite } from '../parse/settings.ts'
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

/** Throws `VAULT_CONFLICT` unless the secret is still as its writer expects. Both numbers are 0 when there is none. */
export function checkExpected(
  { ifVersion, ifRevision }: Pick<ParsedWrite, 'ifVersion' | 'ifRevision'>,
  current: { readonly ref: SecretRef; readonly version: number; readonly revision: number },
): void {
  if (ifRevision !== undefined && ifRevision !== current.revision) throw conflict(current.ref, 'revision', 'ifRevision')
  if (ifVersion !== undefined && ifVersion !== current.version) throw conflict(current.ref, 'version', 'ifVersion')
}

/** The same for a record that is there. */
export function checkUnchanged(expected: ParsedWrite, { ref, currentVersion, revision }: StoredSecret): void {
  checkExpected(expected, { ref, version: currentVersion, revision })
}

function conflict(ref: SecretRef, what: string, field: string): VaultError {
  const detail = `must be the current ${what}, or 0 when there is no such secret.`
  return new VaultError('VAULT_CONFLICT', { ref, detail, field, retryable: false })
}

/** The written record as its caller sees it. */
export function writtenInfo(call: Call): (written: StoredSecret) => SecretInfo {
  return (written) => infoOf(written, call.runtime.config.clock.now())
}

/** The same of a canary: who makes one knows that it is one. */
export function canaryInfo(call: Call): (written: StoredSecret) => SecretInfo {
  return (written) => Object.freeze({ ...writtenInfo(call)(written), isCanary: true })
}
