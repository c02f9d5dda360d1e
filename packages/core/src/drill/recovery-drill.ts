// recoveryDrill: from a lost master key to a new one by the recovery key, or a rehearsal that writes nothing.
import { type AuditAction, guardStore, type KeyProvider } from '../contracts/index.ts'
import { lastingCodeOf, VaultError } from '../errors/index.ts'
import { refuseUnlessRetirable } from '../operator/census.ts'
import { type OpenedCounts, openEverything } from '../operator/open-everything.ts'
import { rewrapKeys } from '../operator/rewrap.ts'
import { multiProvider } from '../providers/index.ts'
import { audited, type Call, type Outcome } from '../vault/operation.ts'
import { parseVaultOptions } from '../vault/options.ts'
import { createRuntimeHolder } from '../vault/runtime.ts'
import { type DrillFailure, type FailureList, failureList } from './failures.ts'
import { type Drill, parseDrill, type RecoveryDrillOptions } from './options.ts'

/** What a drill did, and what it could not do. */
export interface DrillReport {
  /** True when nothing failed. */
  readonly ok: boolean
  /** What the recovery key alone opened: data keys, secrets, and their kept versions. */
  readonly opened: OpenedCounts
  /** Data keys whose wraps were changed; of a dry run with a new master key, those that would be. */
  readonly rewrapped: number
  /** What the new master key alone opens now. Absent of a dry run, and when the recovery key opened nothing. */
  readonly verified?: OpenedCounts
  /** The key ids of `lost` that nothing needs any more. */
  readonly retired: readonly string[]
  /** The key ids of wraps that stay although neither key opens them, with the number of data keys that have one. */
  readonly foreign: ReadonlyMap<string, number>
  /** What failed, by step, owner, server and code: at most 1,000 entries. */
  readonly failures: readonly DrillFailure[]
  /** How many data keys and secrets failed, in all steps. */
  readonly failed: number
}

/**
 * Brings a vault whose master key is lost under a new one. It opens every data key and secret by the recovery key alone,
 * wraps every data key under the new master key, opens everything by that one alone, and proves that nothing needs the
 * lost key any more. What fails stays as it is, is reported, and stops nothing else. It can be stopped and begun again at
 * any point. Run it with `dryRun` once a month, while nothing is lost.
 *
 * Throws `VAULT_CONFIG_INVALID` for a store that holds no vault; `VAULT_KEY_MISMATCH` when the new master key has the key
 * id of another one; `VAULT_KEY_UNKNOWN` when the recovery key does not open the root of the audit trail; and what may be
 * over soon, such as `VAULT_KEY_UNAVAILABLE`.
 *
 * @example
 * const { ok, opened, failures } = await recoveryDrill({ store, recovery: recoveryOpener(privateKey), dryRun: true })
 */
export async function recoveryDrill(options: RecoveryDrillOptions): Promise<DrillReport> {
  const drill = parseDrill(options)
  const failures = failureList()
  await requireVault(drill)
  const opened = await openAll(drill, { keys: drill.recovery, step: 'open', failures })
  const { primary } = drill
  let done: Partial<DrillReport> = {}
  // A recovery key that opens nothing is the wrong one, and nothing may be written with it.
  if (primary !== undefined && opened.dataKeys > 0) done = await moveTo(primary, drill, failures)
  const failed = failures.total()
  const nothing = { rewrapped: 0, retired: [], foreign: new Map<string, number>() }
  return { ok: failed === 0, opened, ...nothing, ...done, failures: failures.list(), failed }
}

async function moveTo(primary: KeyProvider, drill: Drill, failures: FailureList): Promise<Partial<DrillReport>> {
  const both = multiProvider({ primary, recovery: [drill.recovery] })
  const { dryRun, lost } = drill
  const trail = dryRun ? 'unrecorded' : 'recorded'
  const request = { drop: lost, verify: true, dryRun, onProgress: drill.progressOf('rewrap'), signal: drill.signal }
  const { rewrapped, foreign, quarantined } = await inVault(
    drill,
    { keys: both, trail, action: 'key.rewrapped' },
    (call) => rewrapKeys(call, request),
  )
  for (const { owner, server, code } of quarantined) failures.add({ step: 'rewrap', owner, server, code })
  if (dryRun) return { rewrapped, foreign }
  const verified = await openAll(drill, { keys: primary, step: 'verify', failures })
  const retired: string[] = []
  for (const keyId of lost) {
    const code = await lastingCodeOf(() =>
      inVault(drill, { keys: both, trail, action: 'key.counted' }, (call) => refuseUnlessRetirable(call, keyId)),
    )
    if (code === undefined) retired.push(keyId)
    else failures.add({ step: 'retire', keyId, code })
  }
  return { rewrapped, foreign, verified, retired }
}

/** A dry run would else be the first to write into an empty store. */
async function requireVault(drill: Drill): Promise<void> {
  const { store, clock, limits } = parseVaultOptions(drill.vaultUnder(drill.recovery, 'unrecorded'))
  const { meta } = guardStore({ store, clock, limitMs: limits.storeMs })
  if ((await meta.read('vault-id', { signal: drill.signal })) !== undefined) return
  throw new VaultError('VAULT_CONFIG_INVALID', { field: 'store', detail: 'must hold a vault. It is empty.' })
}

interface OpenStep {
  readonly keys: KeyProvider
  readonly step: 'open' | 'verify'
  readonly failures: FailureList
}

function openAll(drill: Drill, { keys, step, failures }: OpenStep): Promise<OpenedCounts> {
  const onProgress = drill.progressOf(step)
  return inVault(drill, { keys, trail: 'unrecorded', action: 'vault.checked' }, async (call) => ({
    result: await openEverything(call, { onProgress, onUnopened: (unopened) => failures.add({ step, ...unopened }) }),
    event: {},
  }))
}

interface VaultStep {
  readonly keys: KeyProvider
  readonly trail: 'recorded' | 'unrecorded'
  readonly action: AuditAction
}

/** Does one step in a vault of its own, so that a key that another step opened is not at hand. */
async function inVault<T>(
  drill: Drill,
  { keys, trail, action }: VaultStep,
  work: (call: Call) => Promise<Outcome<T>>,
): Promise<T> {
  const { principal, correlationId, signal } = drill
  const holder = createRuntimeHolder(parseVaultOptions(drill.vaultUnder(keys, trail)))
  const request = { operation: 'recoveryDrill', action, signal, wholeVault: true } as const
  try {
    return await audited({ holder, principal, context: { correlationId } }, request, work)
  } finally {
    await holder.close()
  }
}
