// Options and progress of the long work of an operator.
import { parseKeyId } from '../envelope/index.ts'
import { VaultError } from '../errors/index.ts'
import { type Clock, callSafely } from '../time/index.ts'
import { parseOptional, parseSignal } from '../vault/parse/shapes.ts'
import { refuseUnknown } from '../vault/parse/unknown.ts'

/** The progress of long work. */
export interface Progress {
  readonly done: number
  /** Absent where counting first would cost as much as the work. It may grow while others write. */
  readonly total?: number
  /** How much was done in a second, on average since the work began. Absent until there is time to measure. */
  readonly perSecond?: number
  /** How long the rest takes at that rate, in ms. Absent without a total. */
  readonly remainingMs?: number
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

/** What reports progress, and what there is to do. */
export interface Measured {
  readonly clock: Clock
  readonly onProgress: ParsedWork['onProgress']
  /** Counts what there is to do. Called only when somebody listens. */
  readonly count: () => Promise<number>
}

/** Counts the work, and begins to measure it. Returns what reports how far it has come. */
export async function measured({ clock, onProgress, count }: Measured): Promise<(done: number) => void> {
  if (onProgress === undefined) return () => undefined
  const counted = await count()
  const startedMs = clock.monotonicMs()
  return (done) => {
    const total = Math.max(counted, done)
    const perMs = done / (clock.monotonicMs() - startedMs)
    const hasRate = Number.isFinite(perMs) && perMs > 0
    const rate = hasRate ? { perSecond: perMs * 1_000, remainingMs: Math.round((total - done) / perMs) } : {}
    onProgress({ done, total, ...rate })
  }
}

/** How many rows there are in all pages. */
export async function countRows(pages: AsyncIterable<readonly unknown[]>): Promise<number> {
  let rows = 0
  for await (const page of pages) rows += page.length
  return rows
}

/** Throws `VAULT_VALUE_INVALID` for a text that is no key id. */
export function checkKeyId(text: string, field: string): void {
  try {
    parseKeyId(text)
  } catch {
    throw new VaultError('VAULT_VALUE_INVALID', { field, detail: 'must hold nothing but key ids, such as main#1.' })
  }
}
