// The options of verifyBackup and restore, checked before anything is read or written.
import { hasFunctions, requireObject } from '../bytes/index.ts'
import {
  type BackupCounts,
  type CallOptions,
  type KeyProvider,
  ownOptions,
  requireClock,
  type VaultStore,
} from '../contracts/index.ts'
import { VaultError } from '../errors/index.ts'
import { type Clock, progressReporter, systemClock } from '../time/index.ts'
import { requireStore } from '../transfer/parse-copy.ts'
import { parseStoreLimits } from '../transfer/store-limits.ts'
import type { RestoreProgress } from './apply.ts'
import type { ArchiveSource, OpenOptions } from './open-archive.ts'

interface Parsed extends OpenOptions {
  readonly clock: Clock
}

/** Checked options of `verifyBackup`. */
export interface ParsedVerify extends Parsed {
  readonly into: VaultStore | undefined
  readonly onProgress: (progress: BackupCounts) => void
}

/** Checked options of `restore`. */
export interface ParsedRestore extends Parsed {
  readonly to: VaultStore
  readonly erased: readonly string[]
  readonly by: string | undefined
  readonly onProgress: (progress: RestoreProgress) => void
}

export function parseVerify(given: unknown): ParsedVerify {
  const { into, onProgress, limits, ...rest } = own(given)
  if (into !== undefined) requireStore(into, 'into')
  const common = parseCommon(rest)
  const limited = parseStoreLimits(limits, common)
  return { ...common, into: into && limited(into), onProgress: progressReporter<BackupCounts>(onProgress) }
}

const maxErased = 10_000
const maxNameBytes = 256

export function parseRestore(given: unknown): ParsedRestore {
  const { to, erased = [], by, onProgress, limits, ...rest } = own(given)
  requireStore(to, 'to')
  if (!isTexts(erased) || erased.length > maxErased)
    throw new TypeError('erased must be an array of at most 10,000 owners')
  if (by !== undefined && !isName(by)) throw new TypeError('by must be a name of 1 to 256 bytes')
  const common = parseCommon(rest)
  return {
    ...common,
    to: parseStoreLimits(limits, common)(to),
    erased: [...erased],
    by,
    onProgress: progressReporter<RestoreProgress>(onProgress),
  }
}

function own(given: unknown): Readonly<Record<string, unknown>> {
  requireObject(given, 'options')
  return ownOptions(given)
}

function parseCommon(given: Readonly<Record<string, unknown>>): Parsed {
  const { from, id, keys, clock = systemClock, signal, ...others } = given
  const [unknown] = Object.keys(others)
  if (unknown !== undefined)
    throw new VaultError('VAULT_CONFIG_INVALID', { field: 'options', detail: 'must have only known options.' })
  if (!isSource(from)) throw new TypeError('from must be a function that gives the bytes of an archive')
  if (id !== undefined && typeof id !== 'string') throw new TypeError('id must be a string')
  if (!hasFunctions<KeyProvider>(keys, ['currentKeyIds', 'wrap', 'unwrap']))
    throw new TypeError('keys must be a key provider')
  requireClock(clock)
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw new TypeError('signal must be an AbortSignal')
  const call: CallOptions = { signal }
  return { from, id, keys, clock, call }
}

function isSource(value: unknown): value is ArchiveSource {
  return typeof value === 'function'
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string')
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && Buffer.byteLength(value) <= maxNameBytes
}
