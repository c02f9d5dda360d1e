// The audit trail, stream by stream, and its checkpoints.
import { type AuditRow, auditPagesOf, type Checkpoint } from '../contracts/index.ts'
import type { VaultError } from '../errors/index.ts'
import { copyPage, copyPages, differs } from './copy-pages.ts'
import type { CopyRun } from './copy-run.ts'

export async function copyTrail(run: CopyRun): Promise<void> {
  for await (const page of auditPagesOf(run.from.audit, { limit: copyPage, signal: run.options.signal })) {
    for (const rows of runsOf(page)) await copyRows(run, rows)
  }
}

/** The rows of a page, those of each stream together. */
export function runsOf(page: readonly AuditRow[]): readonly (readonly AuditRow[])[] {
  const runs: AuditRow[][] = []
  for (const row of page) {
    const run = runs.at(-1)
    if (run?.[0]?.stream === row.stream) run.push(row)
    else runs.push([row])
  }
  return runs
}

async function copyRows({ to, step, options, count }: CopyRun, rows: readonly AuditRow[]): Promise<void> {
  const [first] = rows
  if (first === undefined) return
  const { stream, sequence } = first
  if (!rows.every((row) => Number.isSafeInteger(row.sequence)))
    throw differs({
      detail: 'The audit trail of the source has an event that no vault wrote. Verify it before you copy it.',
    })
  const there = await to.audit.readStream(stream, { limit: rows.length, afterSequence: sequence - 1, ...options })
  const stored = new Map(there.map((row) => [row.sequence, row]))
  const missing = rows.filter((row) => !stored.has(row.sequence))
  const altered = rows.filter((row) => !isSame(row, stored.get(row.sequence) ?? row))
  if (step === 'verify' && missing.length + altered.length > 0)
    throw differs({ detail: 'The audit trail is not the same in the target.' })
  if (missing.length > 0 && (await to.audit.append(missing, options)) === 'forked') throw forked()
  // A user may have been pseudonymised since the row was copied, which leaves its mac as it was.
  for (const row of altered) if (!(await to.audit.redact(row, options))) throw forked()
  count('auditRows', rows.length)
}

function forked(): VaultError {
  return differs({ detail: 'The target has other events in the place of those of the source.' })
}

function isSame(row: AuditRow, there: AuditRow): boolean {
  return (
    Buffer.compare(row.mac, there.mac) === 0 &&
    Buffer.compare(row.body, there.body) === 0 &&
    Buffer.compare(row.redaction ?? none, there.redaction ?? none) === 0 &&
    JSON.stringify(Object.entries(row.columns).sort()) === JSON.stringify(Object.entries(there.columns).sort())
  )
}

const none = new Uint8Array()

export async function copyCheckpoints({ from, to, step, options, count }: CopyRun): Promise<void> {
  const read = (store: CopyRun['from'], last: Checkpoint | undefined) =>
    store.audit.checkpoints({ limit: copyPage, ...(last === undefined ? {} : { after: last }), ...options })
  let before: Checkpoint | undefined
  for await (const page of copyPages<Checkpoint>(options, (last) => read(from, last))) {
    if (step === 'copy') for (const checkpoint of page) await to.audit.putCheckpoint(checkpoint, options)
    else {
      const there = await read(to, before)
      const isThere = page.every(({ id, note }, index) => there[index]?.id === id && there[index]?.note === note)
      if (!isThere) throw differs({ detail: 'The checkpoints are not the same in the target.' })
    }
    before = page.at(-1)
    count('checkpoints', page.length)
  }
}
