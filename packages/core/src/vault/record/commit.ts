// Writes one change of one record, sealed, with its event and by compare-and-swap, and finds out whether it landed.
import { randomInt } from 'node:crypto'
import { sameBytes } from '../../bytes/index.ts'
import type { AuditRow, SecretRef, StoredSecret } from '../../contracts/index.ts'
import { encodeRecord, sealEncoded } from '../../envelope/index.ts'
import { isVaultError, VaultError } from '../../errors/index.ts'
import { backOffMs, delay } from '../../time/index.ts'
import { type Call, type EventFacts, type Failed, type Outcome, recordWith, withFacts } from '../operation.ts'
import { valuesScope } from './load.ts'
import { refKey } from './seen.ts'

/** A record as a change leaves it, before its revision and seal are known. */
export type Draft = Omit<StoredSecret, 'revision' | 'dekId' | 'mac' | 'updatedAt'>

/** A record to write, the one that it replaces, and the facts that planning found for the event. */
export interface Put {
  readonly draft: Draft
  readonly previous: StoredSecret | undefined
  readonly event: EventFacts
  /** Absent where the secret itself changes: the time of the write is then its time. */
  readonly updatedAt?: Date
}

/** A record to remove, as long as it has this revision. */
export interface Removal {
  readonly ref: SecretRef
  readonly id: string
  readonly revision: number
  readonly event: EventFacts
}

/** The outcome of one attempt. */
type Attempt<T> =
  /** Written, together with its event. */
  | { readonly kind: 'done'; readonly result: T }
  /** Another writer came first. */
  | { readonly kind: 'lost'; readonly event: EventFacts }
  /** There was nothing to write: the plan answers the caller itself. */
  | { readonly kind: 'nothing'; readonly outcome: Outcome<T> }

/**
 * Plans and writes a record, again from the start when another process came first. `plan` loads, decides and says what
 * to write, or what to answer when there is nothing to write. Fails with `VAULT_CONFLICT` when others keep coming first.
 */
export async function commitPut<T>(
  call: Call,
  change: {
    readonly ref: SecretRef
    readonly plan: () => Promise<Put | Outcome<T>>
    readonly result: (written: StoredSecret) => T
  },
): Promise<Outcome<T>> {
  return untilFirst(call, change.ref, async () => {
    const plan = await change.plan()
    return 'draft' in plan ? put(call, plan, change.result) : { kind: 'nothing', outcome: plan }
  })
}

/** Plans and removes a record in the same way. The result is true when it was removed. */
export async function commitRemoval(
  call: Call,
  change: { readonly ref: SecretRef; readonly plan: () => Promise<Removal | Outcome<boolean>> },
): Promise<Outcome<boolean>> {
  return untilFirst(call, change.ref, async () => {
    const plan = await change.plan()
    return 'revision' in plan ? remove(call, plan) : { kind: 'nothing', outcome: plan }
  })
}

/** Repeats the attempt until it wins. The writers of one record in this process go one after another. */
function untilFirst<T>(call: Call, ref: SecretRef, attempt: () => Promise<Attempt<T> | Failed>): Promise<Outcome<T>> {
  const { clock, limits } = call.runtime.config
  return call.runtime.turns.take(refKey(ref), call.signal, async () => {
    const startedMs = clock.monotonicMs()
    let event: EventFacts = {}
    for (let count = 0; count === 0 || clock.monotonicMs() - startedMs < limits.writeMs; count++) {
      if (count > 1) await delay(clock, backOffMs(count, { maxMs: 50 }), call.signal)
      call.signal?.throwIfAborted()
      const made = await attempt()
      if ('failure' in made) return made
      if (made.kind === 'done') return { result: made.result, event: 'written' }
      if (made.kind === 'nothing') return made.outcome
      event = made.event
    }
    return { failure: new VaultError('VAULT_CONFLICT', { ref }), event }
  })
}

function put<T>(
  call: Call,
  { draft, previous, event, updatedAt }: Put,
  result: (written: StoredSecret) => T,
): Promise<Attempt<T> | Failed> {
  const { store, keys, vaultId, config, seen } = call.runtime
  const facts = { ...event, secretId: draft.id, version: draft.currentVersion }
  return withFacts(facts, async () => {
    const dek = await keys.active(valuesScope(draft.ref), { signal: call.signal })
    const unsealed = {
      ...draft,
      revision: previous === undefined ? firstRevision() : previous.revision + 1,
      dekId: dek.id,
      updatedAt: updatedAt ?? config.clock.now(),
    }
    const encoded = encodeRecord(vaultId, unsealed)
    const record: StoredSecret = { ...unsealed, mac: sealEncoded(dek.key, encoded) }
    const ifRevision = previous?.revision ?? 0
    const since = seen.now()
    const write: Write = {
      write: async (audit) => store.secrets.put(record, { ifRevision, ...audit, ...call.serving }),
      landed: async () => sameRecord(await store.secrets.find(record.ref, 'current', call.serving), record),
    }
    const stored = await recordWith(call, { keyId: dek.keyId, ...facts }, (rows) => surely(call, write, rows))
    if (!stored) return { kind: 'lost', event: facts }
    seen.wrote(record, { encoded, since })
    return { kind: 'done', result: result(record) }
  })
}

/**
 * The first revision of a new secret, at random. Were it always 1, a late write meant for a destroyed secret could find
 * the same revision on the new secret of that name, and replace it.
 */
function firstRevision(): number {
  return randomInt(1, 2 ** 30)
}

/** Whether the stored record is the one written, or a later one that still holds the version written. */
function sameRecord(found: StoredSecret | undefined, written: StoredSecret): boolean {
  if (found === undefined || found.id !== written.id) return false
  if (sameBytes(found.mac, written.mac)) return true
  const newest = written.versions.at(-1)
  return (
    newest?.envelope !== undefined && found.versions.some(({ commitment }) => sameBytes(commitment, newest.commitment))
  )
}

function remove(call: Call, { ref, id, revision, event }: Removal): Promise<Attempt<boolean> | Failed> {
  const { store, seen } = call.runtime
  return withFacts(event, async () => {
    const write: Write = {
      write: async (audit) => store.secrets.remove(ref, { ifRevision: revision, ...audit, ...call.serving }),
      // A record with another id is a new secret of that name: the one to remove is gone.
      landed: async () => (await store.secrets.find(ref, 'current', call.serving))?.id !== id,
    }
    const removed = await recordWith(call, event, (rows) => surely(call, write, rows))
    if (!removed) return { kind: 'lost', event }
    seen.removed(ref, id)
    return { kind: 'done', result: true }
  })
}

interface Write {
  write(audit: { readonly audit?: readonly AuditRow[] }): Promise<boolean>
  /** Whether a write of unknown outcome has happened. */
  landed(): Promise<boolean>
}

/**
 * Writes, and reads back what happened when the store throws a transient error. A write that landed is a success. One
 * that did not is sent once more, unchanged: `ifRevision` makes sure that it lands only once. A store that has waited for
 * all the time that it may, and knows that nothing was written, is not made to wait for as long again.
 */
async function surely(call: Call, write: Write, rows: readonly AuditRow[] | undefined): Promise<boolean> {
  const audit = rows === undefined ? {} : { audit: rows }
  try {
    return await write.write(audit)
  } catch (error) {
    if (!isVaultError(error) || !error.retryable || error.nothingWritten) throw error
    if (await hasLanded(call, write, rows)) return true
    if (await write.write(audit)) return true
    // The first attempt may have landed after it was looked for.
    return hasLanded(call, write, rows)
  }
}

async function hasLanded({ runtime }: Call, write: Write, rows: readonly AuditRow[] | undefined): Promise<boolean> {
  const last = rows?.at(-1)
  if (last !== undefined) {
    const after = { afterSequence: last.sequence - 1, limit: 1 }
    const [found] = await runtime.store.audit.readStream(last.stream, after)
    if (found !== undefined) return sameBytes(found.mac, last.mac)
  }
  return write.landed()
}
