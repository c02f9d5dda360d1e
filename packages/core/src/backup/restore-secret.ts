// Writes one secret into a store that may have it already, and never over a newer one.
import { sameBytes } from '../bytes/index.ts'
import type { StoredSecret } from '../contracts/index.ts'
import { sealRecord } from '../envelope/index.ts'
import { isVaultError } from '../errors/index.ts'
import type { Erasures } from './erasures.ts'
import type { RecordOpener } from './open-records.ts'
import { type KeyTarget, somebodyWrites } from './restore-key.ts'

/**
 * What became of a secret. `newer`: the target has a later revision of it. `other`: the target has another secret of that
 * name, made after the one of the archive was destroyed, or one that differs in the same revision. Both stay as they are.
 */
export type RestoredSecret = 'written' | 'replaced' | 'unchanged' | 'newer' | 'other'

export async function restoreSecret({ to, call }: KeyTarget, record: StoredSecret): Promise<RestoredSecret> {
  const { secrets } = to
  // Most targets are empty, so writing comes before looking.
  if (await secrets.put(record, { ifRevision: 0, ...call })) return 'written'
  const there = await secrets.find(record.ref, 'current', call)
  if (there === undefined) throw somebodyWrites()
  const { revision } = there
  if (there.isDamaged === true) {
    await secrets.remove(record.ref, { ifRevision: revision, ...call })
    if (!(await secrets.put(record, { ifRevision: 0, ...call }))) throw somebodyWrites()
    return 'replaced'
  }
  if (there.id !== record.id) return 'other'
  if (revision > record.revision) return 'newer'
  if (revision === record.revision) return sameBytes(there.mac, record.mac) ? 'unchanged' : 'other'
  // Counters of use stay as the target has them, which are later.
  if (!(await secrets.put(record, { ifRevision: revision, ...call }))) throw somebodyWrites()
  return 'replaced'
}

export interface Unsharing {
  readonly vaultId: Uint8Array
  readonly erasures: Erasures
  readonly opener: RecordOpener
}

/**
 * The record without the permissions of erased users, sealed again. The same one when there are none, and when its seal
 * does not hold: nothing is vouched for that was not trusted before.
 */
export async function withoutErased(
  { vaultId, erasures, opener }: Unsharing,
  record: StoredSecret,
): Promise<StoredSecret> {
  const grants = record.grants.filter(({ principal, grantedAt }) => !erasures.hasErased(principal, grantedAt))
  if (grants.length === record.grants.length) return record
  try {
    const dek = await opener.trust(record)
    const changed = { ...record, grants, revision: record.revision + 1 }
    return { ...changed, mac: sealRecord({ dek: dek.key, vaultId, record: changed }) }
  } catch (error) {
    if (isVaultError(error) && !error.retryable) return record
    throw error
  }
}
