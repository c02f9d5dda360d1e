// Owners who were erased, as the audit trail or the caller names them: what they had before then is not brought back.
import type { KeyObject } from 'node:crypto'
import { checkRows, pseudonymOf } from '../audit/index.ts'
import type { AuditRow } from '../contracts/index.ts'

/** The audit root key of a vault. */
export interface TrailKeys {
  readonly root: KeyObject
  readonly vaultId: Uint8Array
}

export interface Erasures {
  /** Takes the erasures among these events. Only events that the vault wrote count. */
  learn(keys: TrailKeys, rows: readonly AuditRow[]): void
  /** Whether a user was erased at this moment or later. */
  hasErased(user: string, at: Date): boolean
}

/** Erasures of these owners, whenever what they had was made, and of those that are learned. */
export function erasures(named: readonly string[]): Erasures {
  const all = new Set(named)
  /** The last erasure of each name; of a pseudonym, where the trail has no other name. */
  const lastAt = new Map<string, Date>()
  let trail: TrailKeys | undefined
  return {
    learn(keys, rows) {
      const erased = rows.filter(({ columns }) => columns.action === 'owner.erased')
      if (erased.length === 0) return
      trail = keys
      for (const record of checkRows(keys, erased)) {
        if ('state' in record) continue
        const { owner, outcome } = record.event
        // One that failed may have destroyed nothing; it is erased by the run that finishes it.
        if (owner === undefined || outcome !== 'allowed') continue
        const before = lastAt.get(owner)
        if (before === undefined || before < record.at) lastAt.set(owner, record.at)
      }
    },
    hasErased(user, at) {
      if (all.has(user)) return true
      if (trail === undefined || lastAt.size === 0) return false
      const last = lastAt.get(user) ?? lastAt.get(pseudonymOf({ ...trail, user }))
      return last !== undefined && at <= last
    },
  }
}
