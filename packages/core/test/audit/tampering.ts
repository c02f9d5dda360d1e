// Trails to tamper with: rows taken out of a real one, and stores that hold whatever they are given.
import { eventColumns } from '../../src/audit/log/columns.ts'
import { encodeEvent, readEvent } from '../../src/audit/log/event.ts'
import type { AuditRow, AuditStore, Checkpoint, VaultStore } from '../../src/contracts/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { numbered, rowsOf, streamId, testTrail } from './support.ts'

/** A trail of three events between opening and closing, and a second stream beside it. */
export async function twoStreams() {
  const { trail, store, clock, kept } = testTrail()
  for (const n of [1, 2, 3]) await trail.record(numbered(n))
  const commit = async (rows: readonly AuditRow[] | undefined) => store.audit.append(rows ?? [])
  await trail.recordWith({ event: numbered(9), commit, applied: () => true })
  clock.advance(1_000)
  await trail.close()
  return { store, rows: await rowsOf(store), checkpoint: kept.at(-1), publicKey: trail.publicKey() }
}

/** A store with these rows and checkpoints, however little they fit together. */
export async function storeOf(rows: readonly AuditRow[], checkpoints: readonly (Checkpoint | undefined)[] = []) {
  const store = memoryStore()
  for (const row of rows) await store.audit.append([row])
  for (const checkpoint of checkpoints) if (checkpoint !== undefined) await store.audit.putCheckpoint(checkpoint)
  return store
}

/** A store whose audit part answers in another way. */
export function altered(store: VaultStore, audit: Partial<AuditStore>): VaultStore {
  return { ...store, audit: { ...store.audit, ...audit } }
}

export function flip(bytes: Uint8Array, index = 0): Uint8Array {
  const copy = Uint8Array.from(bytes)
  copy[index] = (copy[index] ?? 0) ^ 1
  return copy
}

export const one = streamId(1)
export const two = streamId(2)
export const isAt = (stream: string, sequence: number) => (row: AuditRow) =>
  row.stream === stream && row.sequence === sequence
export const change = (rows: readonly AuditRow[], which: (row: AuditRow) => boolean, to: (row: AuditRow) => AuditRow) =>
  rows.map((row) => (which(row) ? to(row) : row))

/** A row that says something else, in body and columns, under the old mac. */
export function rewritten(row: AuditRow): AuditRow {
  const record = readEvent(Buffer.from(row.body).toString('utf8'))
  if (record === undefined) return row
  const other = { ...record, event: { ...record.event, principal: 'mallory' } }
  return { ...row, body: encodeEvent(other), columns: eventColumns(other) }
}
