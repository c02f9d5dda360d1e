// The options of renew and validate, and what their functions answer.
import { VaultError } from '../../errors/index.ts'
import { parseVersion } from './read.ts'
import { parseFreshUntil } from './settings.ts'
import { parseInteger, parseObject, parseOptional, parseSignal, parseString } from './shapes.ts'
import { refuseUnknown } from './unknown.ts'
import { type ParsedValue, parseValue, type SecretInput } from './value.ts'

/** Options of `renew`. */
export interface RenewOptions {
  /**
   * For how long the value must still work, in ms: default 60,000, at most 86,400,000. A value that worked for less than
   * twice as long when it was stored is renewed at half of its time.
   */
  readonly marginMs?: number
  /** How long to wait for another caller that renews, in ms: default 20,000, at most 600,000. */
  readonly waitMs?: number
  /** A version that a server has refused: it is renewed even if it should still work. */
  readonly refusedVersion?: number
  /** Ends the wait. A renewal that has begun is finished and stored all the same. */
  readonly signal?: AbortSignal | undefined
}

/** The next value of a secret. */
export interface RenewedValue {
  readonly value: SecretInput
  /** Until when it works; absent when no end is known. */
  readonly freshUntil?: Date | undefined
}

export interface ParsedRenew {
  readonly marginMs: number
  readonly waitMs: number
  readonly refusedVersion: number | undefined
  readonly signal: AbortSignal | undefined
}

/** Checks the options of `renew`. */
export function parseRenewOptions(value: unknown): ParsedRenew {
  const given = parseOptional(value, 'options')
  refuseUnknown(given, ['marginMs', 'waitMs', 'refusedVersion', 'signal'], 'options')
  const { marginMs = 60_000, waitMs = 20_000, refusedVersion, signal } = given
  return {
    marginMs: parseMs(marginMs, { field: 'marginMs', min: 0, max: 86_400_000 }),
    waitMs: parseMs(waitMs, { field: 'waitMs', min: 0, max: 600_000 }),
    refusedVersion: refusedVersion === undefined ? undefined : parseVersion(refusedVersion, 'refusedVersion'),
    signal: parseSignal(signal),
  }
}

/** A renewed value, ready to seal. */
export interface ParsedRenewal {
  readonly value: ParsedValue
  readonly freshUntil: Date | undefined
}

/** Checks what a function of `renew` answered. */
export function parseRenewal(answer: unknown, maxBytes: number): ParsedRenewal {
  const given = parseObject(answer, 'the answer of refresh')
  refuseUnknown(given, ['value', 'freshUntil'], 'answer')
  const { value, freshUntil } = given
  return {
    freshUntil: freshUntil === undefined ? undefined : parseFreshUntil(freshUntil),
    value: parseValue(value, maxBytes),
  }
}

/** Options of `validate`. */
export interface ValidateOptions {
  /** Time limit of the probe, in ms: default 10,000, at most 600,000. */
  readonly limitMs?: number
  readonly signal?: AbortSignal | undefined
}

export interface ParsedValidate {
  readonly limitMs: number
  readonly signal: AbortSignal | undefined
}

/** Checks the options of `validate`. */
export function parseValidateOptions(value: unknown): ParsedValidate {
  const given = parseOptional(value, 'options')
  refuseUnknown(given, ['limitMs', 'signal'], 'options')
  const { limitMs = 10_000, signal } = given
  return { limitMs: parseMs(limitMs, { field: 'limitMs', min: 1, max: 600_000 }), signal: parseSignal(signal) }
}

/** What a probe found: `unknown` when nobody could tell, such as without an answer. */
export interface ProbeFinding {
  readonly status: 'valid' | 'invalid' | 'unknown'
  /** One sentence for people. What repeats the value is replaced. */
  readonly summary: string
}

/** Checks what a probe answered. */
export function parseFinding(answer: unknown): ProbeFinding {
  const { status, summary } = parseObject(answer, 'the answer of probe')
  if (status === 'valid' || status === 'invalid' || status === 'unknown')
    return { status, summary: parseString(summary, 'summary') }
  throw new TypeError("the status of a probe must be 'valid', 'invalid' or 'unknown'")
}

function parseMs(
  value: unknown,
  range: { readonly field: string; readonly min: number; readonly max: number },
): number {
  const { field, min, max } = range
  const ms = parseInteger(value, field)
  if (ms >= min && ms <= max) return ms
  throw new VaultError('VAULT_VALUE_INVALID', { detail: `must be from ${min} to ${max} milliseconds.`, field })
}
