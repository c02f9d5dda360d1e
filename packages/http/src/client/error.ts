// The error of a call: what the API said, or that there was no answer.
import type { Failure } from './types.ts'

/** Thrown by every call of the client. It never holds a value. */
export interface VaultHttpError extends Error {
  readonly name: 'VaultHttpError'
  /** The status of the answer; 0 when there was none. */
  readonly status: number
  /** A code of the vault, or `HTTP_...`; `HTTP_NO_ANSWER` when there was none, `HTTP_NOT_THE_API` for another body. */
  readonly code: string
  readonly field: string | undefined
  /** What the audit trail calls this call. */
  readonly correlationId: string | undefined
  /** When the API says that the call may succeed later: how long to wait, in ms. */
  readonly retryAfterMs: number | undefined
}

/** Whether something that was thrown is an error of the client. */
export function isVaultHttpError(error: unknown): error is VaultHttpError {
  return error instanceof Error && error.name === 'VaultHttpError'
}

/** The error that an answer stands for. */
export async function errorOf(response: Response): Promise<VaultHttpError> {
  const body: unknown = response.bodyUsed ? undefined : await response.json().catch(() => undefined)
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN)
  const retryAfterMs = Number.isFinite(seconds) ? seconds * 1_000 : undefined
  const { status } = response
  if (!isFailure(body))
    return makeError(`The answer ${status} is not from the API.`, { status, code: 'HTTP_NOT_THE_API', retryAfterMs })
  const { message, code, field, correlationId } = body.error
  return makeError(message, { status, code, field, correlationId, retryAfterMs })
}

/** The error for a call that got no answer. */
export function noAnswer(cause: unknown): VaultHttpError {
  return makeError('The API did not answer.', { status: 0, code: 'HTTP_NO_ANSWER' }, cause)
}

function makeError(
  message: string,
  facts: {
    status: number
    code: string
    field?: string | undefined
    correlationId?: string | undefined
    retryAfterMs?: number | undefined
  },
  cause?: unknown,
): VaultHttpError {
  const { status, code, field, correlationId, retryAfterMs } = facts
  const error = new Error(message, cause === undefined ? undefined : { cause })
  return Object.assign(error, { name: 'VaultHttpError' as const, status, code, field, correlationId, retryAfterMs })
}

function isFailure(body: unknown): body is Failure {
  const error = typeof body === 'object' && body !== null && 'error' in body ? body.error : undefined
  if (typeof error !== 'object' || error === null || !('code' in error) || !('message' in error)) return false
  return typeof error.code === 'string' && typeof error.message === 'string'
}
