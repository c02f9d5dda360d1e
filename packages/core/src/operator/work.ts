// Options and progress of the long work of an operator.
import { parseKeyId } from '../envelope/index.ts'
import { VaultError } from '../errors/index.ts'
import { callSafely } from '../time/index.ts'
import { parseOptional, parseSignal } from '../vault/parse/shapes.ts'
import { refuseUnknown } from '../vault/parse/unknown.ts'

/** The progress of long work. */
export interface Progress {
  readonly done: number
  /** Absent where counting first would cost as much as the work. */
  readonly total?: number
}

/** Options of long work. */
export interface WorkOptions {
  /** What it throws is ignored; to stop the work, abort the signal. */
  readonly onProgress?: (progress: Progress) => void
  readonly signal?: AbortSignal | undefined
}

/** Checked options of long work. */
export interface ParsedWork {
  readonly onProgress: ((progress: Progress) => void) | undefined
  readonly signal: AbortSignal | undefined
}

/** Checks the options that all long work takes. */
export function parseWork(options: unknown): ParsedWork {
  const given = parseOptional(options, 'options')
  refuseUnknown(given, ['onProgress', 'signal'], 'options')
  const { onProgress, signal } = given
  if (onProgress === undefined) return { onProgress: undefined, signal: parseSignal(signal) }
  if (typeof onProgress !== 'function') throw new TypeError('onProgress must be a function')
  return { onProgress: (progress) => callSafely(() => onProgress(progress)), signal: parseSignal(signal) }
}

/** Throws `VAULT_VALUE_INVALID` for a text that is no key id. */
export function checkKeyId(text: string, field: string): void {
  try {
    parseKeyId(text)
  } catch {
    throw new VaultError('VAULT_VALUE_INVALID', { field, detail: 'must hold nothing but key ids, such as main#1.' })
  }
}
