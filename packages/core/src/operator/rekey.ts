// rekey: a new data key for one owner and server, and everything there sealed again under it, while reads and writes go on.
import type { Scope, SecretRef, StoredDataKey } from '../contracts/index.ts'
import { isVaultError, VaultError, type VaultErrorCode } from '../errors/index.ts'
import { mapConcurrent } from '../time/index.ts'
import type { Call, Done } from '../vault/operation.ts'
import { valuesScope } from '../vault/record/load.ts'
import { secretPages } from './pages.ts'
import { rekeySecret } from './rekey-secret.ts'
import { areDisused, holdRetired, removeDisused } from './retired-keys.ts'
import { dataKeysOf, parseScope } from './scope-keys.ts'
import { countRows, measured, type ParsedWork, parseWork } from './work.ts'

/** A secret that was left as it was, under the data key that it had. */
export interface SkippedSecret {
  readonly name: string
  readonly code: VaultErrorCode
}

/** What a rekey did. */
export interface RekeyReport {
  /** True when an earlier run had left something to do: this one went on with it, and made no new data key. */
  readonly resumed: boolean
  /** Secrets that were sealed again. */
  readonly secrets: number
  /** Versions that were sealed again. */
  readonly versions: number
  /** Secrets that were altered, do not open, or were written by others all the time. While there are any, no old data key goes. */
  readonly skipped: readonly SkippedSecret[]
  /** Old data keys that were removed. */
  readonly removedKeys: number
  /** Old data keys that are still stored: a later run removes them. */
  readonly keptKeys: number
}

/** Checked arguments of `rekey`. */
export interface ParsedRekey extends ParsedWork {
  readonly scope: Scope
}

/** Checks the arguments. */
export function parseRekey(scope: unknown, options: unknown): ParsedRekey {
  return { ...parseWork(options), scope: parseScope(scope) }
}

/** Secrets are independent, and a store commits concurrent writes together. Each is held in memory with its versions. */
const secretsAtATime = 32

/** A row is retired at the first attempt, unless a rewrap of it comes first. */
const retireAttempts = 8

/**
 * What is left to do is read from the store alone, so a new run goes on where one ended: retired data keys say that there
 * was a run before. One that is kept only for secrets that cannot be trusted is no reason to make no new key.
 */
export async function rekeyScope(call: Call, rekey: ParsedRekey): Promise<Done<RekeyReport>> {
  const rows = await dataKeysOf(call, rekey.scope)
  if (rows.length === 0) return done({ ...nothingSealed, resumed: false, removedKeys: 0, keptKeys: 0 })
  if (rows.some(({ state }) => state === 'retired')) {
    const resumed = await finish(call, rekey)
    if (resumed.secrets > 0 || resumed.skipped.length === 0) return done({ ...resumed, resumed: true })
  }
  const active = rows.find(({ state }) => state === 'active')
  if (active !== undefined) await retire(call, active)
  return done({ ...(await finish(call, rekey)), resumed: false })
}

function done(result: RekeyReport): Done<RekeyReport> {
  const failed = result.skipped.map(({ name, code }) => ({ name, outcome: 'failed', errorCode: code }) as const)
  return { result, event: [...failed, { count: result.secrets }] }
}

/** Makes room for a new active data key. Another worker may come first: then its new key serves. */
async function retire(call: Call, { id, scope }: StoredDataKey): Promise<void> {
  const { keys, store } = call.runtime
  for (let attempt = 0; attempt < retireAttempts; attempt++) {
    const row = await store.dataKeys.active(scope, { signal: call.signal })
    if (row?.id !== id) return
    // What does not open now could not be sealed again either.
    await keys.wrapping.unwrapRow(row)
    await holdRetired(call, id)
    const retired: StoredDataKey = { ...row, state: 'retired', revision: row.revision + 1 }
    if (await store.dataKeys.replace(retired, { ifRevision: row.revision, signal: call.signal })) return
  }
  throw new VaultError('VAULT_CONFLICT', { detail: 'Others kept changing the data key. Run the rekey again.' })
}

/** Seals what is not under the active data key, makes that key if need be, and removes old keys that nobody needs. */
async function finish(call: Call, rekey: ParsedRekey): Promise<Omit<RekeyReport, 'resumed'>> {
  const scope = valuesScope(rekey.scope)
  const retired = (await dataKeysOf(call, rekey.scope)).filter(({ state }) => state === 'retired')
  const isDisused = await areDisused(call, scope, retired)
  const sealed = await sealSecrets(call, rekey)
  let removedKeys = 0
  for (const row of isDisused && sealed.skipped.length === 0 ? retired : []) {
    call.signal?.throwIfAborted()
    if (await removeDisused(call, row)) removedKeys++
  }
  return { ...sealed, removedKeys, keptKeys: retired.length - removedKeys }
}

type SealedSecrets = Pick<RekeyReport, 'secrets' | 'versions' | 'skipped'>

const nothingSealed: SealedSecrets = { secrets: 0, versions: 0, skipped: [] }

async function sealSecrets(call: Call, { scope, onProgress }: ParsedRekey): Promise<SealedSecrets> {
  const skipped: SkippedSecret[] = []
  let secrets = 0
  let versions = 0
  let seen = 0
  const { clock } = call.runtime.config
  const report = await measured({ clock, onProgress, count: () => countRows(secretPages(call, scope)) })
  for await (const records of secretPages(call, scope)) {
    const limits = { limit: secretsAtATime, signal: call.signal }
    await mapConcurrent(records, limits, async ({ ref }) => {
      const outcome = await sealOrSkip(call, ref)
      if (typeof outcome === 'object') skipped.push(outcome)
      else if (outcome !== undefined) {
        secrets++
        versions += outcome
      }
      report(++seen)
    })
  }
  return { secrets, versions, skipped }
}

/** Throws what may be over soon, such as a key service that does not answer: the next run goes on from there. */
async function sealOrSkip(call: Call, ref: SecretRef): Promise<number | undefined | SkippedSecret> {
  try {
    return await rekeySecret(call, ref)
  } catch (error) {
    if (!isVaultError(error) || (error.retryable && error.code !== 'VAULT_CONFLICT')) throw error
    return { name: ref.name, code: error.code }
  }
}
