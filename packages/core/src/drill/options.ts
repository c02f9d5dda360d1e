// The options of recoveryDrill, checked before anything is read or written.
import { randomUUID } from 'node:crypto'
import { type KeyProvider, ownOptions, type Principal, type VaultStore, vaultItself } from '../contracts/index.ts'
import { VaultError } from '../errors/index.ts'
import { type ParsedRewrap, parseRewrap } from '../operator/rewrap.ts'
import type { Progress } from '../operator/work.ts'
import { callSafely } from '../time/index.ts'
import { parseVaultOptions, type VaultOptions } from '../vault/options.ts'
import { parsePrincipal } from '../vault/parse/names.ts'
import { parseObject, parseSignal } from '../vault/parse/shapes.ts'
import { refuseUnknown } from '../vault/parse/unknown.ts'
import type { DrillStep } from './failures.ts'

/** Options of `recoveryDrill`. `audit`, `limits` and `clock` are those of the vault. */
export interface RecoveryDrillOptions extends Pick<VaultOptions, 'audit' | 'limits' | 'clock'> {
  /** The vault's store, or a copy of it. */
  readonly store: VaultStore
  /** Opens what was wrapped to the recovery key, such as `recoveryOpener(privateKey)`. */
  readonly recovery: KeyProvider
  /** The provider of the new master key, under a key id that the vault does not know. Only a dry run does without. */
  readonly primary?: KeyProvider
  /** Key ids of the lost master key, such as `main#1`: their wraps are removed. Default none: they stay. */
  readonly lost?: readonly string[]
  /** Opens everything by the recovery key alone, and writes nothing: no audit event either. Default false. */
  readonly dryRun?: boolean
  /** Who does it, for the audit trail. Default the vault itself, `mcpvault`. */
  readonly principal?: Principal
  /** What it throws is ignored; to stop the drill, abort the signal. */
  readonly onProgress?: (progress: DrillProgress) => void
  readonly signal?: AbortSignal | undefined
}

/** How far the drill has come in one of its steps. */
export interface DrillProgress extends Progress {
  readonly step: DrillStep
}

/** Checked options. */
export interface Drill {
  readonly store: VaultStore
  readonly recovery: KeyProvider
  readonly primary: KeyProvider | undefined
  readonly lost: ReadonlySet<string>
  readonly dryRun: boolean
  readonly principal: Principal
  readonly correlationId: string
  readonly signal: AbortSignal | undefined
  /** The options of a vault on the store, under one provider. */
  vaultUnder(keys: KeyProvider, trail: 'recorded' | 'unrecorded'): VaultOptions
  /** What reports the progress of one step. */
  progressOf(step: DrillStep): ParsedRewrap['onProgress']
}

const optionNames = ['store', 'recovery', 'primary', 'lost', 'dryRun', 'principal', 'onProgress', 'signal'] as const

/** Checks the options. Throws `VAULT_CONFIG_INVALID`, `VAULT_REF_INVALID` for the principal, and TypeError. */
export function parseDrill(given: RecoveryDrillOptions): Drill {
  const known = [...optionNames, 'audit', 'limits', 'clock']
  refuseUnknown(parseObject(given, 'options'), known, 'options', 'VAULT_CONFIG_INVALID')
  const { store, recovery, primary, lost, dryRun = false, principal, onProgress, signal, ...parts } = ownOptions(given)
  if (typeof dryRun !== 'boolean') throw new TypeError('dryRun must be a boolean')
  if (onProgress !== undefined && typeof onProgress !== 'function') throw new TypeError('onProgress must be a function')
  if (primary === undefined && !dryRun) throw invalid('primary', 'must be the provider of a new master key.')
  const lostIds = parseLost(lost)
  for (const [field, keys] of [
    ['recovery', recovery],
    ['primary', primary ?? recovery],
  ] as const)
    requireProvider(keys, field)
  parseVaultOptions({ store, keys: recovery, ...parts })
  return {
    store,
    recovery,
    primary,
    lost: lostIds,
    dryRun,
    principal: principal === undefined ? { id: vaultItself } : parsePrincipal(principal),
    correlationId: randomUUID(),
    signal: parseSignal(signal),
    vaultUnder: (keys, trail) => ({
      ...parts,
      store,
      keys,
      ...(trail === 'recorded' ? {} : { audit: { mode: 'dangerously-off' } }),
    }),
    progressOf: (step) => onProgress && ((progress) => callSafely(() => onProgress({ step, ...progress }))),
  }
}

function parseLost(lost: unknown): ReadonlySet<string> {
  try {
    return parseRewrap({ drop: lost }).drop
  } catch (error) {
    if (error instanceof TypeError) throw new TypeError('lost must be an array of strings')
    throw invalid('lost', 'must hold nothing but key ids, such as main#1.')
  }
}

function requireProvider(keys: unknown, field: string): void {
  const provider = parseObject(keys, field)
  if (['currentKeyIds', 'wrap', 'unwrap'].some((name) => typeof provider[name] !== 'function'))
    throw invalid(field, 'must be a key provider.')
}

function invalid(field: string, detail: string): VaultError {
  return new VaultError('VAULT_CONFIG_INVALID', { field, detail })
}
