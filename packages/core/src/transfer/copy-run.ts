// One run of a copy, which its parts share, and what it reports.
import type { CallOptions, VaultStore } from '../contracts/index.ts'

/** How far copying, and then verifying, has come. */
export interface CopyProgress {
  readonly step: 'copy' | 'verify'
  readonly secrets: number
  readonly dataKeys: number
  readonly auditRows: number
  readonly checkpoints: number
}

/** What the target has; all of it was compared with the source. */
export type CopyReport = Omit<CopyProgress, 'step'>

/** One run over everything, which either writes what is missing or throws when something differs. */
export interface CopyRun {
  readonly from: VaultStore
  readonly to: VaultStore
  readonly step: CopyProgress['step']
  readonly options: CallOptions
  count(what: keyof CopyReport, howMany: number): void
}
