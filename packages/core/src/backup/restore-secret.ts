// Writes one secret into a store that may have it already, and never over a newer one.
import { sameBytes } from '../bytes/index.ts'
import type { StoredSecret } from '../contracts/index.ts'
import { sealRecord } from '../envelope/index.ts'
import { isVaultError } from '../errors/index.ts'
import type { Erasures } from './erasures.ts'
import { type RecordOpener, recordOpener } from './open-records.ts'
import { readWithKeys } from './read-with-keys.ts'
import { isDamage, type RestoreTarget, somebodyWrites } from './restore-key.ts'

/**
 * What became of a secret. `newer`: the target has a later revision of it. `other`: the target has another secret of that
 * name, made after the one of the archive was destroyed, or one that differs in the same revision. Both stay as they are,
 * unless somebody has altered them: what a vault did not write is no later state.
 */
export type RestoredSecret = 'written' | 'replaced' | 'unchanged' | 'newer' | 'other'

export async function restoreSecret(
  target: RestoreTarget & { readonly opener: RecordOpener },
  record: StoredSecret,
): Promise<RestoredSecret> {
  const { to, call, opener } = target
  const { secrets } = to
  // Most targets are empty, so writing comes before looking.
  if (await secrets.put(record, { ifRevision: 0, ...call })) return 'written'
  const there = await secrets.find(record.ref, 'current', call)
  if (there === undefined) throw somebodyWrites()
  const { revision } = there
  const opens = async (): Promise<boolean> => (await opener.open([record], call)).problems.length === 0
  const isOlder = there.id === record.id && revision < record.revision
  if (there.isDamaged === true || (!isOlder && (await isAltered(target, record)) && (await opens()))) {
    await secrets.remove(record.ref, { ifRevision: revision, ...call })
    if (!(await secrets.put(record, { ifRevision: 0, ...call }))) throw somebodyWrites()
    return 'replaced'
  }
  if (isOlder) {
    // Counters of use stay as the target has them, which are later.
    if (!(await secrets.put(record, { ifRevision: revision, ...call }))) throw somebodyWrites()
    return 'replaced'
  }
  if (there.id !== record.id) return 'other'
  if (revision > record.revision) return 'newer'
  return sameBytes(there.mac, record.mac) ? 'unchanged' : 'other'
}

/** Whether the record that is there is not what a vault wrote. One whose master key is not at hand is believed. */
async function isAltered({ to, call, vaultId, wrapping }: RestoreTarget, { ref }: StoredSecret): Promise<boolean> {
  const found = await readWithKeys({ store: to, call, recent: new Set() }, ref)
  if (found === undefined) return false
  const { record, rows } = found
  if (record.isDamaged === true || !rows.some(({ id }) => id === record.dekId)) return true
  const opener = recordOpener(wrapping, vaultId)
  for (const row of rows) opener.keep(row)
  return (await opener.open([record], call)).problems.some(({ code }) => isDamage(code))
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
