// What failed in a recovery drill, gathered so that a list of everything stays short.
import type { VaultErrorCode } from '../errors/index.ts'

/** A part of a recovery drill. */
export type DrillStep = 'open' | 'rewrap' | 'verify' | 'retire'

/** Something that failed in a drill, of one owner and server. */
export interface DrillFailure {
  /** `open`: by the recovery key alone. `verify`: by the new master key alone. */
  readonly step: DrillStep
  /** Absent for the root of the audit trail, and for `retire`. */
  readonly owner?: string
  readonly server?: string
  /** The key id that could not be retired. */
  readonly keyId?: string
  readonly code: VaultErrorCode
  /** How many data keys and secrets. */
  readonly count: number
}

/** One failure. */
export interface Failure {
  readonly step: DrillStep
  readonly owner?: string | undefined
  readonly server?: string | undefined
  readonly keyId?: string | undefined
  readonly code: VaultErrorCode
}

/** Gathers failures. */
export interface FailureList {
  add(failure: Failure): void
  list(): readonly DrillFailure[]
  total(): number
}

const maxFailures = 1_000

export function failureList(): FailureList {
  const byName = new Map<string, DrillFailure>()
  let total = 0
  return {
    add({ step, owner, server, keyId, code }) {
      total++
      // Names have no line feeds.
      const name = [step, owner, server, keyId, code].join('\n')
      const before = byName.get(name)
      if (before === undefined && byName.size >= maxFailures) return
      const about = { ...(owner === undefined ? {} : { owner }), ...(server === undefined ? {} : { server }) }
      const key = keyId === undefined ? {} : { keyId }
      byName.set(name, { step, ...about, ...key, code, count: (before?.count ?? 0) + 1 })
    },
    list: () => [...byName.values()],
    total: () => total,
  }
}
