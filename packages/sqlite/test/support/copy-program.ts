// What the processes that copy do: one file into another, to the end or until they are killed at a chosen call.
import { type CopyReport, copyVault } from '@mcpvault/core'
import { faultStore } from '@mcpvault/core/testing'
import { serveJobs, type Tell } from '@mcpvault/testkit/history/worker'
import { type SqliteDriver, sqliteStore } from '../../src/index.ts'

export interface CopyJob {
  readonly driver: SqliteDriver
  /** Paths. */
  readonly from: string
  readonly to: string
  /** At which call of the target the process stands still and tells so; 0 for none. */
  readonly haltAt: number
  /** Whether that call is done. */
  readonly halt: 'hang' | 'hang-after'
}

export interface CopyDone {
  readonly report: CopyReport
  /** How many calls the target took. */
  readonly calls: number
}

const jobs = {
  async copy({ driver, from, to, haltAt, halt }: CopyJob, tell: Tell): Promise<CopyDone> {
    const source = sqliteStore({ path: from }, { driver })
    const target = sqliteStore({ path: to }, { driver })
    await target.migrate()
    const halting = faultStore(target, { failAt: haltAt, mode: halt, onHang: () => void tell('halted') })
    const report = await copyVault({ from: source, to: halting })
    source.close()
    target.close()
    return { report, calls: halting.operations }
  },
}

export type CopyJobs = typeof jobs

serveJobs(jobs)
