// Writes one change of one record: sealed, compared and swapped, with its event, and sure of its outcome.
import { randomInt } from 'node:crypto'
import { sameBytes } from '../../bytes/index.ts'
import type { AuditRow, SecretRef, StoredSecret } from '../../contracts/index.ts'
import { sealRecord } from '../../envelope/index.ts'
import { isVaultError, VaultError } from '../../errors/index.ts'
import { delay } from '../../time/index.ts'
import { type Call, eventOf, servingOptions, signalOf } from '../call.ts'
import { valuesScope } from './load.ts'
import { refKey } from './seen.ts'

/** A record as a change leaves it, before its revision and seal are known. */
export type Draft = Omit<StoredSecret, 'revision' | 'dekId' | 'mac' | 'updatedAt'>

/** A record to write, and the one it takes the place of. */
export interface Put {
  readonly draft: Draft
  readonly previous: StoredSecret | undefined
}

/** A record to remove, as long as it has this revision. */
export interface Removal {
  readonly ref: SecretRef
  readonly id: string
  readonly revision: number
}

/**
 * Plans and writes a record, again from the start when another process came first. `plan` loads, decides and says what
 * to write; undefined when there is nothing to do. Throws `VAULT_CONFLICT` when others keep coming first.
 */
export function commitPut(call: Call, ref: SecretRef, plan: () => Promise<Put>): Promise<StoredSecret>
export function commitPut(
  call: Call,
  ref: SecretRef,
  plan: () => Promise<Put | undefined>,
): Promise<StoredSecret | undefined>
export function commitPut(
  call: Call,
  ref: SecretRef,
  plan: () => Promise<Put | undefined>,
): Promise<StoredSecret | undefined> {
  return untilFirst(call, ref, async () => {
    const change = await plan()
    return change === undefined ? nothingToDo : put(call, change)
  })
}

/** Plans and removes a record in the same way. False when there was nothing to do. */
export async function commitRemoval(
  call: Call,
  ref: SecretRef,
  plan: () => Promise<Removal | undefined>,
): Promise<boolean> {
  const removed = await untilFirst(call, ref, async () => {
    const change = await plan()
    return change === undefined ? nothingToDo : remove(call, change)
  })
  return removed === true
}

/** An attempt's answer that ends the attempts without a result. */
const nothingToDo = Symbol('nothing to do')

/** Makes attempts, one writer of a record at a time, until one comes first; undefined is one that did not. */
function untilFirst<T>(
  call: Call,
  ref: SecretRef,
  attempt: () => Promise<T | typeof nothingToDo | undefined>,
): Promise<T | undefined> {
  const { clock, limits } = call.runtime.config
  return call.runtime.turns.take(refKey(ref), call.signal, async () => {
    const startedMs = clock.monotonicMs()
    for (let count = 0; count === 0 || clock.monotonicMs() - startedMs < limits.writeMs; count++) {
      if (count > 1) await delay(clock, Math.random() * Math.min(2 ** count, 50), call.signal)
      call.signal?.throwIfAborted()
      const result = await attempt()
      if (result === nothingToDo) return undefined
      if (result !== undefined) return result
    }
    throw new VaultError('VAULT_CONFLICT', { ref })
  })
}

async function put(call: Call, { draft, previous }: Put): Promise<StoredSecret | undefined> {
  const { runtime } = call
  const dek = await runtime.keys.active(valuesScope(draft.ref), signalOf(call))
  const unsealed = {
    ...draft,
    revision: previous === undefined ? firstRevision() : previous.revision + 1,
    dekId: dek.id,
    updatedAt: runtime.config.clock.now(),
  }
  const mac = sealRecord({ dek: dek.key, vaultId: runtime.vaultId, record: { ...unsealed, mac: new Uint8Array() } })
  const record: StoredSecret = { ...unsealed, mac }
  call.facts.secretId = record.id
  call.facts.version = record.currentVersion
  call.facts.keyId ??= dek.keyId
  const ifRevision = previous?.revision ?? 0
  const stored = await writeWithEvent(call, {
    write: (audit) => runtime.store.secrets.put(record, { ifRevision, ...audit, ...servingOptions(call) }),
    landed: async () =>
      sameRecord(await runtime.store.secrets.find(record.ref, 'current', servingOptions(call)), record),
  })
  if (!stored) return undefined
  runtime.seen.wrote(record)
  return record
}

/**
 * Where the revisions of a new secret begin. Were it always 1, a late write meant for a secret that is destroyed by now
 * would find the same revision on the one made anew under its name, and replace it.
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

async function remove(call: Call, { ref, id, revision }: Removal): Promise<true | undefined> {
  const { store, seen } = call.runtime
  const removed = await writeWithEvent(call, {
    write: (audit) => store.secrets.remove(ref, { ifRevision: revision, ...audit, ...servingOptions(call) }),
    // Under another id it is a new secret: the one to remove is gone.
    landed: async () => (await store.secrets.find(ref, 'current', servingOptions(call)))?.id !== id,
  })
  if (!removed) return undefined
  seen.forget(ref)
  return true
}

interface Write {
  write(audit: { readonly audit?: readonly AuditRow[] }): PromiseLike<boolean> | boolean
  /** Whether a write of unknown outcome has happened. */
  landed(): Promise<boolean>
}

async function writeWithEvent(call: Call, write: Write): Promise<boolean> {
  const { trail } = call.runtime
  if (trail === undefined) return surely(call, write, undefined)
  const applied = await trail.recordWith({
    event: eventOf(call),
    commit: (rows) => surely(call, write, rows),
    applied: (stored) => stored,
    ...signalOf(call),
  })
  if (applied) call.recorded = true
  return applied
}

/**
 * Writes, and finds out what happened when the store does not say: a write that landed is a success, one that did not
 * is tried once more, unchanged, which the revision makes safe.
 */
async function surely(call: Call, write: Write, rows: readonly AuditRow[] | undefined): Promise<boolean> {
  const audit = rows === undefined ? {} : { audit: rows }
  try {
    return await write.write(audit)
  } catch (error) {
    if (!isVaultError(error) || !error.retryable) throw error
    if (await hasLanded(call, write, rows)) return true
    if (await write.write(audit)) return true
    // The first attempt may have landed between the two looks.
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
