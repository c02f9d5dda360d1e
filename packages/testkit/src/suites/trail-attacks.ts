// What someone who writes the database can do to the trail of any store, and what verification says of it.
import type { AuditPlace, AuditProblem, AuditRow, VaultStore } from '@mcpvault/core'

/** The database below a store, as someone writes it who has its password and no key. */
export interface RawTrail {
  /** Writes a row as it is, in the place of whatever stands there, found by every query that its columns fit. */
  put(row: AuditRow): Promise<void>
  remove(place: AuditPlace): Promise<void>
  /** Empties the list of streams, where there is one. */
  forgetStreams(): Promise<void>
  forgetCheckpoints(): Promise<void>
}

/** What an attack works with. */
export interface AttackedTrail extends RawTrail {
  readonly store: VaultStore
  /** A closed stream of a vault, from its first row on. */
  readonly rows: readonly [AuditRow, AuditRow, AuditRow, AuditRow, ...AuditRow[]]
  /** Rows of a vault with other keys. */
  readonly foreign: readonly AuditRow[]
}

/** Part of the problem that must be reported; undefined when nothing is wrong afterwards. */
export type Expected = (trail: AttackedTrail) => (Partial<AuditProblem> & { readonly sequence?: number }) | undefined

export type Attack<T> = readonly [what: string, attack: (trail: T) => Promise<void>, expected: Expected]

export const forgedStream = 'f0'.repeat(16)

export const attacks: readonly Attack<AttackedTrail>[] = [
  ['edits an event', ({ put, rows }) => put(edited(rows[2])), at('mac', 2)],
  [
    'edits an event, and removes the list of streams and all checkpoints',
    async ({ put, forgetStreams, forgetCheckpoints, rows }) => {
      await put(edited(rows[2]))
      await forgetStreams()
      await forgetCheckpoints()
    },
    at('mac', 2),
  ],
  [
    'edits a column, so that another user is shown the event',
    ({ put, rows }) => put(columns(rows[2])),
    at('columns', 2),
  ],
  [
    'edits the time of an event, so that it moves',
    ({ put, rows }) => put({ ...rows[2], columns: { ...rows[2].columns, at: new Date(1) } }),
    at('columns', 2),
  ],
  ['deletes an event', ({ remove, rows }) => remove(rows[2]), at('gap', 2)],
  [
    'swaps two events',
    async ({ put, rows }) => {
      await put({ ...rows[2], sequence: 3 })
      await put({ ...rows[3], sequence: 2 })
    },
    at('mac', 2),
  ],
  [
    'cuts the end',
    async ({ remove, rows }) => {
      for (const row of rows.slice(2)) await remove(row)
    },
    at('truncated', 2),
  ],
  [
    'removes a whole stream',
    async ({ remove, rows }) => {
      for (const row of rows) await remove(row)
    },
    ({ rows }) => ({ problem: 'missing-stream', stream: rows[0].stream }),
  ],
  [
    'adds an event behind the closing one',
    ({ put, rows }) => put({ ...edited(rows[2]), sequence: rows.length }),
    ({ rows }) => ({ problem: 'mac', stream: rows[0].stream, sequence: rows.length }),
  ],
  [
    'copies a stream under another id, which no list names',
    async ({ put, forgetStreams, rows }) => {
      for (const row of rows) await put({ ...row, stream: forgedStream })
      await forgetStreams()
    },
    () => ({ problem: 'mac', stream: forgedStream, sequence: 0 }),
  ],
  [
    'copies the trail of another vault',
    async ({ put, foreign }) => {
      for (const row of foreign) await put(row)
    },
    ({ foreign }) => ({ problem: 'mac', stream: foreign[0]?.stream ?? '', sequence: 0 }),
  ],
  ['adds an event before the first', ({ put, rows }) => put({ ...edited(rows[2]), sequence: -1 }), at('order', 0)],
  [
    'adds an event far behind the last',
    ({ put, rows }) => put({ ...edited(rows[2]), sequence: 2 ** 45 }),
    ({ rows }) => ({ problem: 'gap', stream: rows[0].stream, sequence: rows.length }),
  ],
  [
    'adds an event to a stream whose id is none',
    ({ put, rows }) => put({ ...rows[0], stream: `${forgedStream} 1` }),
    () => ({ problem: 'mac', stream: `${forgedStream} 1` }),
  ],
  ['empties an event', ({ put, rows }) => put({ ...rows[2], body: new Uint8Array() }), at('mac', 2)],
  ['empties a mac', ({ put, rows }) => put({ ...rows[2], mac: new Uint8Array() }), at('mac', 2)],
  [
    'passes an event off as redacted',
    ({ put, rows }) => put({ ...edited(rows[2]), redaction: new Uint8Array(32) }),
    at('redaction', 2),
  ],
  [
    'adds a checkpoint',
    async ({ store }) => {
      await store.audit.putCheckpoint({ id: 'ab'.repeat(32), createdAt: new Date(), note: 'nothing\n\nsigned\n' })
    },
    () => ({ problem: 'checkpoint', checkpoint: 'ab'.repeat(32) }),
  ],
  ['removes the list of streams', ({ forgetStreams }) => forgetStreams(), () => undefined],
]

/** A problem in the stream of `rows`. */
export function at(problem: AuditProblem['problem'], sequence: number): Expected {
  return ({ rows }) => ({ problem, stream: rows[0].stream, sequence })
}

/** Another user in body and columns. */
export function edited(row: AuditRow): AuditRow {
  const body = Buffer.from(Buffer.from(row.body).toString('utf8').replaceAll('"alice"', '"mallory"'))
  return { ...columns(row), body }
}

function columns(row: AuditRow): AuditRow {
  return { ...row, columns: { ...row.columns, principal: 'mallory' } }
}
