// Sorts what the server answers: a refusal is never taken for an outage, and an outage never for a refusal.
import type { KeyFailure } from '@mcpvault/core'

/** Thrown for an answer of the server that is not a success; it has no secret in it. */
export interface TransitFailure extends Error {
  readonly status: number
  readonly failure: KeyFailure
  /** What was asked. */
  readonly operation: string
  /** What the server says, without a value; empty when it says nothing. */
  readonly answer: string
}

/** The error of an answer. `errors` are the server's own texts, which name keys and paths, never values. */
export function transitFailure(
  { status, errors }: { readonly status: number; readonly errors: readonly string[] },
  operation: string,
): TransitFailure {
  const texts = errors.join('; ').slice(0, maxTextLength)
  const error = new Error(`The server answered ${status} to ${operation}${texts === '' ? '' : `: ${texts}`}`)
  return Object.assign(error, { status, failure: failureOf(status, { texts, operation }), operation, answer: texts })
}

const maxTextLength = 500

/** Sorts what the provider throws: without an answer it is an outage. */
export function classifyTransitError(error: unknown): KeyFailure {
  return isTransitFailure(error) ? error.failure : 'transient'
}

export function isTransitFailure(error: unknown): error is TransitFailure {
  return error instanceof Error && 'failure' in error && 'status' in error
}

/** A 400 of these means that the key, or a version of it, may not be used any more; the ciphertext is sound. */
const refusals = /disallowed by policy|key not found|no such key|not supported|soft.?deleted/i

/**
 * 429, 472 and 473 are of standby servers, 503 of a sealed one, 412 of one that is behind. A redirect would send the token
 * to another address, so it is not followed.
 */
function failureOf(
  status: number,
  { texts, operation }: { readonly texts: string; readonly operation: string },
): KeyFailure {
  if (status >= 500 || status < 400 || [408, 412, 429, 472, 473].includes(status)) return 'transient'
  const opens = operation === 'decrypt' || operation === 'rewrap'
  return status === 400 && opens && !refusals.test(texts) ? 'integrity' : 'denied'
}
