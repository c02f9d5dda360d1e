// dropDataKey: a data key that cannot be opened any more goes, with what it sealed, so that its owner can store secrets there again.
import type { Scope, StoredDataKey, StoredSecret } from '../contracts/index.ts'
import { VaultError } from '../errors/index.ts'
import { readableKeyIds } from '../keys/index.ts'
import type { Call, Outcome } from '../vault/operation.ts'
import { parseOptional } from '../vault/parse/shapes.ts'
import { commitRemoval } from '../vault/record/commit.ts'
import { valuesScope } from '../vault/record/load.ts'
import { secretPages } from './pages.ts'
import { dataKeysOf, parseScope, removeDataKey } from './scope-keys.ts'
import { type ParsedWork, parseWork, type WorkOptions } from './work.ts'

/** Options of `dropDataKey`. */
export interface DropOptions extends WorkOptions {
  /**
   * Drops the data key also when this provider opens it, its key service refuses it for now, or it has a wrap to a
   * recovery key: readable secrets are then destroyed. Default false.
   */
  readonly evenIfItOpens?: boolean
}

/** What was dropped. */
export interface DropReport {
  readonly dataKeys: number
  /** Secrets that were sealed under them, or under a data key that is not stored any more. */
  readonly secrets: number
}

/** Checked arguments of `dropDataKey`. */
export interface ParsedDrop extends ParsedWork {
  readonly scope: Scope
  readonly evenIfItOpens: boolean
}

/** Checks the arguments. */
export function parseDropDataKey(scope: unknown, options: unknown): ParsedDrop {
  const names = parseScope(scope)
  const { evenIfItOpens = false, ...rest } = parseOptional(options, 'options')
  if (typeof evenIfItOpens !== 'boolean') throw new TypeError('evenIfItOpens must be a boolean')
  return { ...parseWork(rest), scope: names, evenIfItOpens }
}

/**
 * Removes the secrets first, so that a run that was stopped finds the rest by the data key, which goes last. Then it looks
 * for secrets once more, since a process that had the data key in its cache may have written some meanwhile.
 */
export async function dropDataKey(call: Call, drop: ParsedDrop): Promise<Outcome<DropReport>> {
  const { scope, onProgress } = drop
  const stored = await dataKeysOf(call, scope)
  const rows = drop.evenIfItOpens ? stored : await lostOf(call, stored)
  const isLost = lostKeys(call, { scope, rows })
  let secrets = 0
  let dataKeys = 0
  const step = (): void => onProgress?.({ done: secrets + dataKeys })
  const removeSealed = async (): Promise<void> => {
    for await (const records of secretPages(call, scope)) {
      for (const record of records) {
        if (!(await isLost(record)) || !(await removeRecord(call, record, isLost))) continue
        secrets++
        step()
      }
    }
  }
  await removeSealed()
  for (const row of rows) {
    call.signal?.throwIfAborted()
    await removeDataKey(call, row)
    dataKeys++
    step()
  }
  await removeSealed()
  const keyIds = new Set(rows.flatMap(({ wraps }) => readableKeyIds(wraps) ?? []))
  const keyId = keyIds.size === 0 ? {} : { keyId: [...keyIds].join(',') }
  if (dataKeys + secrets === 0 && stored.length > 0) return { failure: notLost(), event: {} }
  return { result: { dataKeys, secrets }, event: { count: secrets, ...keyId } }
}

/** The data keys that can never be opened again. */
async function lostOf(call: Call, rows: readonly StoredDataKey[]): Promise<readonly StoredDataKey[]> {
  const lost: StoredDataKey[] = []
  for (const row of rows) if ((await call.runtime.keys.wrapping.stateOf(row)) === 'lost') lost.push(row)
  return lost
}

function notLost(): VaultError {
  const detail =
    'The data key opens, its key service refuses it only for now, or a recovery key may open it: run recoveryDrill first. Set evenIfItOpens to drop it all the same.'
  return new VaultError('VAULT_CONFLICT', { detail, retryable: false })
}

/** Says of a record whether the data key that it is sealed under is one of these rows, or is not stored. */
function lostKeys(
  { runtime, signal }: Call,
  { scope, rows }: { readonly scope: Scope; readonly rows: readonly StoredDataKey[] },
): (record: StoredSecret) => Promise<boolean> {
  const lost = new Set(rows.map(({ id }) => id))
  return async ({ dekId }) => {
    if (lost.has(dekId)) return true
    // Looked up now: a new data key of the scope may have been made since the rows were read.
    if ((await runtime.store.dataKeys.find(dekId, valuesScope(scope), { signal })) !== undefined) return false
    lost.add(dekId)
    return true
  }
}

/** Removes a record whose seal cannot be checked, unless it has been written again under another data key. */
async function removeRecord(
  call: Call,
  record: StoredSecret,
  isLost: (record: StoredSecret) => Promise<boolean>,
): Promise<boolean> {
  const { ref } = record
  let known: StoredSecret | undefined = record
  const outcome = await commitRemoval(
    { ...call, action: 'secret.destroyed', ref },
    {
      ref,
      async plan() {
        const found = known ?? (await call.runtime.store.secrets.find(ref, 'current', { signal: call.signal }))
        known = undefined
        if (found === undefined || !(await isLost(found))) return { result: false, event: {} }
        return { ref, id: found.id, revision: found.revision, event: {} }
      },
    },
  )
  if ('failure' in outcome) throw outcome.failure
  return outcome.result
}
