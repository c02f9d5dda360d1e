// Parts for tests of the trail: fixed keys, stream ids in order, and sinks whose behaviour a test decides.

import { createSecretKey } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { expect } from 'vitest'
import { noteReader, type StreamHead } from '../../src/audit/checkpoint/note.ts'
import { type AuditAlarm, openAuditTrail, verifyAudit } from '../../src/audit/index.ts'
import type { AuditTrailOptions } from '../../src/audit/trail/options.ts'
import { decodeHex } from '../../src/bytes/index.ts'
import type { AuditEvent, AuditRow, AuditSink, AuditStore, Checkpoint, VaultStore } from '../../src/contracts/index.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { manualClock } from '../../src/testing/index.ts'

export const keys = { root: createSecretKey(Buffer.alloc(32, 1)), vaultId: Buffer.alloc(16, 0xa0) }
export const checkpointSeed = Buffer.alloc(32, 3)

export const event: AuditEvent = {
  action: 'secret.accessed',
  outcome: 'allowed',
  operation: 'get',
  principal: 'alice',
  owner: 'alice',
  server: 'github',
  name: 'token',
}

/** 0 to n - 1. */
export const range = (n: number): readonly number[] => Array.from({ length: n }, (_, index) => index)

/** An event that its count tells from others. */
export function numbered(count: number): AuditEvent {
  return { ...event, count }
}

/** The id of the n-th stream that a test's trail starts, from 1. */
export function streamId(n: number): string {
  return n.toString(16).padStart(32, '0')
}

/** A trail on a memory store, a manual clock and stream ids that count from 1. */
export function testTrail(options: Partial<AuditTrailOptions> = {}) {
  const clock = manualClock()
  const alarms: AuditAlarm[] = []
  const kept: Checkpoint[] = []
  const store: VaultStore = options.store ?? memoryStore({ clock })
  let streams = 0
  const trail = openAuditTrail({
    ...keys,
    checkpointSeed,
    clock,
    mode: 'required',
    store,
    onAlarm: (alarm) => alarms.push(alarm),
    onCheckpoint: (checkpoint) => void kept.push(checkpoint),
    randomBytes: () => decodeHex(streamId(++streams)) ?? Buffer.alloc(0),
    ...options,
  })
  return { trail, clock, store, alarms, kept, verify: () => verifyStore(store) }
}

/** A write that appends its rows as a transaction would, and says whether it was applied. */
export function write(
  { trail, store }: Pick<ReturnType<typeof testTrail>, 'trail' | 'store'>,
  count: number,
  outcome: 'done' | 'conflict' = 'done',
) {
  return trail.recordWith({
    event: numbered(count),
    commit(rows) {
      if (outcome === 'done' && rows !== undefined) void store.audit.append(rows)
      return outcome
    },
    applied: (result) => result === 'done',
  })
}

export function verifyStore(store: VaultStore, more: Partial<Parameters<typeof verifyAudit>[0]> = {}) {
  return verifyAudit({ ...keys, checkpointSeed, store: store.audit, ...more })
}

/** Every row of a stream, or of all streams in order of their ids. */
export async function rowsOf({ audit }: Pick<VaultStore, 'audit'>, stream?: string): Promise<readonly AuditRow[]> {
  const infos = await audit.streams({ limit: 1_000 })
  const names = stream === undefined ? infos.map((info) => info.stream) : [stream]
  const rows = await Promise.all(names.map((name) => audit.readStream(name, { limit: 10_000, afterSequence: -1 })))
  return rows.flat()
}

/** The bodies of rows, parsed. */
export function bodiesOf(rows: readonly AuditRow[]): readonly Record<string, unknown>[] {
  return rows.map(({ body }) => JSON.parse(Buffer.from(body).toString('utf8')))
}

/** The counts of numbered events, in the order of the rows. */
export function countsOf(rows: readonly AuditRow[]): readonly unknown[] {
  return bodiesOf(rows).flatMap(({ event_type, count }) => (event_type === 'secret.accessed' ? [count] : []))
}

/** The heads that a checkpoint of this trail states, as they were signed. */
export function statedIn(
  { trail }: Pick<ReturnType<typeof testTrail>, 'trail'>,
  checkpoint: Checkpoint | undefined,
): readonly StreamHead[] | undefined {
  const read = noteReader({ publicKey: trail.publicKey(), vaultId: keys.vaultId })
  return checkpoint === undefined ? undefined : read(checkpoint)
}

/** Stream and sequence of each head that a checkpoint states. */
export function headsOf(parts: Pick<ReturnType<typeof testTrail>, 'trail'>, checkpoint: Checkpoint | undefined) {
  return statedIn(parts, checkpoint)?.map(({ stream, sequence }) => [stream, sequence])
}

/** The same store with an audit part that answers in another way. */
export function withAudit(store: VaultStore, audit: Partial<AuditStore>): VaultStore {
  return { ...store, audit: { ...store.audit, ...audit } }
}

/** The same store with another way to append. */
export function withAppend(store: VaultStore, append: AuditStore['append']): VaultStore {
  return withAudit(store, { append })
}

/** What a scripted sink does with a batch. `hang` does nothing and never answers. */
export type SinkStep = 'accept' | 'fail' | 'hang'

/** A sink that follows a script, then accepts; it remembers each batch that it was given. */
export function scriptedSink(script: SinkStep[] = [], options: { id?: string; durable?: boolean } = {}) {
  const batches: (readonly AuditRow[])[] = []
  const accepted: AuditRow[] = []
  let closes = 0
  const sink: AuditSink = {
    id: options.id ?? 'scripted',
    durable: options.durable ?? true,
    async write(rows) {
      batches.push(rows)
      const step = script.shift() ?? 'accept'
      if (step === 'fail') throw new Error('The sink fails.')
      if (step === 'hang') return new Promise(() => undefined)
      accepted.push(...rows)
    },
    close() {
      closes += 1
    },
  }
  return { sink, batches, accepted, closes: () => closes }
}

/** Lets every promise that can go on go on, and what waits for the end of a tick happen. */
export async function settle(): Promise<void> {
  for (const _ of [0, 1]) {
    for (let step = 0; step < 50; step++) await Promise.resolve()
    await setImmediate()
  }
}

/** The code that a promise rejects with, or what it resolved to. */
export async function codeOf(work: Promise<unknown>): Promise<unknown> {
  try {
    return { resolved: await work }
  } catch (error) {
    return typeof error === 'object' && error !== null && 'code' in error ? error.code : error
  }
}

/** A matcher of a failed write to the trail, by what it says. */
export const auditFailed = (detail: string) => ({ code: 'VAULT_AUDIT_FAILED', detail: expect.stringContaining(detail) })

/** A promise whose outcome the test decides. */
export function deferred<T>() {
  let resolve: (value: T) => void = () => undefined
  let reject: (error: unknown) => void = () => undefined
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  return { promise, resolve, reject }
}
