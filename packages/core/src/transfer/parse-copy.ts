// The options of copyVault, checked before anything is read or written.
import { requireObject } from '../bytes/index.ts'
import { type CallOptions, ownOptions, requireClock, type VaultStore } from '../contracts/index.ts'
import { VaultError } from '../errors/index.ts'
import { systemClock } from '../time/index.ts'
import type { CopyProgress } from './copy-run.ts'
import { parseStoreLimits } from './store-limits.ts'

/** Checked options. */
export interface ParsedCopy {
  /** Each call of both stores has a time limit. */
  readonly from: VaultStore
  readonly to: VaultStore
  readonly onProgress: ((progress: CopyProgress) => void) | undefined
  /** Of each call of a store. */
  readonly call: CallOptions
}

/** What the copy uses of a store. */
const functionsUsed = {
  secrets: ['find', 'put', 'remove', 'list'],
  dataKeys: ['find', 'active', 'insert', 'replace', 'list'],
  audit: ['append', 'readStream', 'streams', 'redact', 'putCheckpoint', 'checkpoints'],
  meta: ['read', 'insertOnce'],
} as const

/**
 * Checks the options. Throws TypeError, which names the field, for a wrong type, and `VAULT_CONFIG_INVALID` for an option
 * that there is not, and for a store that would be copied to itself.
 */
export function parseCopy(given: unknown): ParsedCopy {
  requireObject(given, 'options')
  const { from, to, onProgress, signal, limits, clock = systemClock, ...others } = ownOptions(given)
  const [unknown] = Object.keys(others)
  if (unknown !== undefined) throw invalid(unknown, 'must be absent: there is no such option.')
  requireStore(from, 'from')
  requireStore(to, 'to')
  if (from === to) throw invalid('to', 'must be another store than from.')
  if (!isProgress(onProgress)) throw new TypeError('onProgress must be a function')
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw new TypeError('signal must be an AbortSignal')
  requireClock(clock)
  const limited = parseStoreLimits(limits, { clock })
  return { from: limited(from), to: limited(to), onProgress, call: { signal } }
}

export function requireStore(store: unknown, field: string): asserts store is VaultStore {
  requireObject(store, field)
  if (typeof store['then'] === 'function')
    throw new TypeError(`${field} must be a store, not a promise of one: await it`)
  for (const [part, functions] of Object.entries(functionsUsed)) {
    const holder = store[part]
    requireObject(holder, `${field}.${part}`)
    for (const name of functions) {
      if (typeof holder[name] !== 'function') throw new TypeError(`${field}.${part}.${name} must be a function`)
    }
  }
}

function isProgress(value: unknown): value is ParsedCopy['onProgress'] {
  return value === undefined || typeof value === 'function'
}

function invalid(field: string, detail: string): VaultError {
  return new VaultError('VAULT_CONFIG_INVALID', { field, detail })
}
