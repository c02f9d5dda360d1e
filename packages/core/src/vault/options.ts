// The options of createVault, checked once and fully defaulted.
import { compilePolicy, type RoleRules } from '../access/index.ts'
import type { AuditAlarm } from '../audit/index.ts'
import {
  type AuditSink,
  type AuthorizeHook,
  builtInSecretTypes,
  type CanaryAlarm,
  type Checkpoint,
  type KeyProvider,
  ownOptions,
  type Policy,
  type Tier,
  type VaultStore,
} from '../contracts/index.ts'
import { VaultError } from '../errors/index.ts'
import { type Clock, callSafely, systemClock } from '../time/index.ts'
import { parseName } from './parse/names.ts'
import { isPlainObject, parseObject, parseOptional, parseStrings } from './parse/shapes.ts'
import { refuseUnknown } from './parse/unknown.ts'
import { parseTiers, type TierRules } from './tiers.ts'

/** Where debug output goes: pino, console, or anything of that shape. It is never given a value; what it throws is ignored. */
export interface VaultLogger {
  debug(facts: Readonly<Record<string, unknown>>, message: string): void
  warn(facts: Readonly<Record<string, unknown>>, message: string): void
}

/** The audit trail's options. */
export interface AuditOptions {
  /**
   * `required` (the default): an event is durable before a value is returned, and a write lands with its event.
   * `buffered`: events are written in the background, and a crash loses those of the last 50 ms.
   * `dangerously-off`: no trail.
   */
  readonly mode?: 'required' | 'buffered' | 'dangerously-off'
  /** Whether rows go to the vault's own store. Default true. */
  readonly store?: boolean
  /** Further places for rows. */
  readonly sinks?: readonly AuditSink[]
  /** Given each checkpoint, for keeping elsewhere. When it fails, `onAlarm` is called with `checkpoint-failed`. */
  readonly onCheckpoint?: (checkpoint: Checkpoint) => void
  /** Called when the trail is forked, drops events, or a sink fails. What it throws is ignored. */
  readonly onAlarm?: (alarm: AuditAlarm) => void
}

/** Sizes and times; each has a default that suits a server. */
export interface VaultLimits {
  /** Versions kept of each secret. Default 10, from 1 to 100. */
  readonly versions?: number
  /** Bytes of a value that is written. Default 65,536, at most 1,048,576. What is stored is read whatever its size. */
  readonly valueBytes?: number
  /** Grants on one secret. Default 1,000. */
  readonly grants?: number
  /** Secrets that `getAll` opens at once. Default 1,000. */
  readonly getAll?: number
  /** Time limit of one call to the store, and of one batch of audit rows to a sink, in ms. Default 5,000. */
  readonly storeMs?: number
  /**
   * Time limit of one call to the key provider, in ms. Default 10,000. At most 20 calls run at a time, and each waits for
   * its turn no longer than this.
   */
  readonly keysMs?: number
  /** Time limit of the authorize hook, in ms. Default 2,000. */
  readonly authorizeMs?: number
  /** Time that a write may spend on conflicts with other writers, in ms. Default 10,000. */
  readonly writeMs?: number
  /** How long uses are gathered before they are counted, in ms. Default 5,000. */
  readonly touchMs?: number
  /** Unwrapped data keys in memory. Default 1,000. */
  readonly cachedKeys?: number
  /** Age of a cached data key, in ms, after which the provider is asked again. Default 300,000. */
  readonly keySoftAgeMs?: number
  /** Age of a cached data key, in ms, after which it is never used without the provider. Default 3,600,000. */
  readonly keyHardAgeMs?: number
}

/** The options of `createVault`. */
export interface VaultOptions {
  /** The key provider: `keyFromEnv()`, `keyRing(...)`, an adapter of a key service. */
  readonly keys: KeyProvider
  /** Where everything is kept: `sqliteStore(...)`, `memoryStore()`, an adapter of a database. */
  readonly store: VaultStore
  /** Roles and their rules. Default none: only owners and grants count. */
  readonly policy?: Policy
  /** Asked after the rules have allowed; it can only refuse. */
  readonly authorize?: AuthorizeHook
  readonly audit?: AuditOptions
  /** Types beside the four built-in ones. */
  readonly types?: readonly string[]
  readonly tiers?: Partial<Readonly<Record<Tier, TierRules>>>
  readonly limits?: VaultLimits
  readonly logger?: VaultLogger
  /** Called when somebody reads a canary, or its value is found in a text. What it throws is ignored. */
  readonly onCanary?: (alarm: CanaryAlarm) => void
  readonly clock?: Clock
}

/** Checked options. */
export interface VaultConfig {
  readonly keys: KeyProvider
  readonly store: VaultStore
  readonly rules: RoleRules
  readonly authorize: AuthorizeHook | undefined
  readonly audit: AuditOptions & { readonly mode: NonNullable<AuditOptions['mode']>; readonly store: boolean }
  readonly types: ReadonlySet<string>
  readonly tiers: Partial<Readonly<Record<Tier, TierRules>>>
  readonly limits: Required<VaultLimits>
  readonly logger: VaultLogger | undefined
  readonly onCanary: ((alarm: CanaryAlarm) => void) | undefined
  readonly clock: Clock
}

const optionNames = 'keys store policy authorize audit types tiers limits logger onCanary clock'.split(' ')

/** Checks the options of `createVault`. Throws `VAULT_NO_KEY` without a provider, else `VAULT_CONFIG_INVALID`. */
export function parseVaultOptions(given: VaultOptions): VaultConfig {
  refuseUnknown(parseObject(given, 'options'), optionNames, 'options', 'VAULT_CONFIG_INVALID')
  const options = ownOptions(given)
  const { keys, store, authorize, logger, onCanary } = options
  if (keys === undefined || keys === null) throw new VaultError('VAULT_NO_KEY')
  checkMethods(keys, ['currentKeyIds', 'wrap', 'unwrap'], 'keys')
  checkMethods(store, [], 'store')
  for (const part of ['secrets', 'dataKeys', 'audit', 'meta', 'locks', 'supports'] as const) {
    if (!isPlainObject(store[part])) throw invalid('must be an object.', `store.${part}`)
  }
  if (authorize !== undefined && typeof authorize !== 'function') throw invalid('must be a function.', 'authorize')
  if (onCanary !== undefined && typeof onCanary !== 'function') throw invalid('must be a function.', 'onCanary')
  if (logger !== undefined) checkMethods(logger, ['debug', 'warn'], 'logger')
  if (options.clock !== undefined) checkMethods(options.clock, ['now', 'monotonicMs', 'schedule'], 'clock')
  return {
    keys,
    store,
    rules: compilePolicy(options.policy),
    authorize,
    audit: parseAudit(options.audit),
    types: new Set([...builtInSecretTypes, ...parseTypes(options.types)]),
    tiers: parseTiers(options.tiers),
    limits: parseLimits(options.limits),
    logger: logger && {
      debug: (facts, message) => callSafely(() => logger.debug(facts, message)),
      warn: (facts, message) => callSafely(() => logger.warn(facts, message)),
    },
    onCanary,
    clock: options.clock ?? systemClock,
  }
}

const auditModes = "must be 'required', 'buffered' or 'dangerously-off'."

function parseTypes(types: unknown): readonly string[] {
  return types === undefined ? [] : parseStrings(types, 'types').map((type) => parseName(type, 'types'))
}

function parseAudit(given: AuditOptions | undefined): VaultConfig['audit'] {
  const known = ['mode', 'store', 'sinks', 'onCheckpoint', 'onAlarm']
  refuseUnknown(parseOptional(given, 'audit'), known, 'audit', 'VAULT_CONFIG_INVALID')
  const audit = ownOptions(given ?? {})
  const { mode = 'required', store = true, sinks = [] } = audit
  if (!['required', 'buffered', 'dangerously-off'].includes(mode)) throw invalid(auditModes, 'audit.mode')
  if (typeof store !== 'boolean') throw invalid('must be a boolean.', 'audit.store')
  if (!Array.isArray(sinks)) throw invalid('must be an array of sinks.', 'audit.sinks')
  for (const sink of sinks) checkMethods(sink, ['write'], 'audit.sinks')
  for (const hook of ['onCheckpoint', 'onAlarm'] as const) {
    const callback = audit[hook]
    if (callback !== undefined && typeof callback !== 'function') throw invalid('must be a function.', `audit.${hook}`)
  }
  if (mode === 'required' && !store && !sinks.some((sink) => sink.durable)) {
    throw invalid('must have the store or a durable sink: the mode is required.', 'audit')
  }
  return ownOptions({ ...audit, mode, store, sinks })
}

/** Default, minimum and maximum of each limit. */
const limitRanges: Readonly<Record<keyof VaultLimits, readonly [number, number, number]>> = {
  versions: [10, 1, 100],
  valueBytes: [65_536, 1, 1_048_576],
  grants: [1_000, 1, 10_000],
  getAll: [1_000, 1, 10_000],
  storeMs: [5_000, 1, 600_000],
  keysMs: [10_000, 1, 600_000],
  authorizeMs: [2_000, 1, 600_000],
  writeMs: [10_000, 1, 600_000],
  touchMs: [5_000, 1, 3_600_000],
  cachedKeys: [1_000, 1, 1_000_000],
  keySoftAgeMs: [300_000, 0, 86_400_000],
  keyHardAgeMs: [3_600_000, 0, 86_400_000],
}

function parseLimits(limits: VaultLimits | undefined): Required<VaultLimits> {
  const given = parseOptional(limits, 'limits')
  refuseUnknown(given, Object.keys(limitRanges), 'limits', 'VAULT_CONFIG_INVALID')
  const limit = (name: keyof VaultLimits): number => {
    const [standard, min, max] = limitRanges[name]
    const value = given[name] ?? standard
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min || value > max) {
      throw invalid(`must be an integer from ${min} to ${max}.`, `limits.${name}`)
    }
    return value
  }
  return {
    versions: limit('versions'),
    valueBytes: limit('valueBytes'),
    grants: limit('grants'),
    getAll: limit('getAll'),
    storeMs: limit('storeMs'),
    keysMs: limit('keysMs'),
    authorizeMs: limit('authorizeMs'),
    writeMs: limit('writeMs'),
    touchMs: limit('touchMs'),
    cachedKeys: limit('cachedKeys'),
    keySoftAgeMs: limit('keySoftAgeMs'),
    keyHardAgeMs: limit('keyHardAgeMs'),
  }
}

function checkMethods(value: unknown, methods: readonly string[], field: string): void {
  const holder = parseObject(value, field)
  if (methods.some((method) => typeof holder[method] !== 'function')) {
    throw invalid(`must have the functions ${methods.join(', ')}.`, field)
  }
}

function invalid(detail: string, field: string): VaultError {
  return new VaultError('VAULT_CONFIG_INVALID', { detail, field })
}
