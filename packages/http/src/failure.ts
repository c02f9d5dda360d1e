// The answer for an error: the vault's code where it is for the caller, else a correlation id and nothing more.
import { isVaultError, type VaultError, type VaultErrorCode } from '@mcpvault/core'
import { HTTPException } from 'hono/http-exception'
import { type CompatShape, compatBody, compatStatus } from './compat/shape.ts'
import { faultOf } from './http-error.ts'
import type { HttpLogger } from './options.ts'
import type { FailureBody } from './schemas/common.ts'

/** What the answer needs beside the error. */
export interface FailureContext {
  readonly request: Request
  readonly correlationId: string
  readonly logger: HttpLogger | undefined
  /** Of a call of an older system. */
  readonly shape?: CompatShape | undefined
}

/** What an error is to the caller. */
interface Failing {
  readonly status: number
  readonly error: Omit<FailureBody['error'], 'correlationId'>
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/** The answer for anything that was thrown. */
export function failureAnswer(error: unknown, context: FailureContext): Response {
  const { status, error: said, headers } = failing(error, context)
  const { shape } = context
  if (shape !== undefined) {
    const options = { status: compatStatus(shape, status), ...(headers && { headers }) }
    return Response.json(compatBody(shape, said.message), options)
  }
  const body: FailureBody = { success: false, error: { ...said, correlationId: context.correlationId } }
  return Response.json(body, { status, ...(headers && { headers }) })
}

/** Also reports what is nobody's fault but the server's. */
function failing(error: unknown, context: FailureContext): Failing {
  const fault = faultOf(error)
  if (fault !== undefined) {
    const { status, code, message, field, headers } = fault
    return { status, error: { code, message, ...(field !== undefined && { field }) }, headers }
  }
  if (isVaultError(error)) {
    const failed = ofVault(error, context.request)
    if (failed !== undefined) {
      if (failed.status >= 500) report(error, context)
      return failed
    }
  }
  if (error instanceof HTTPException && error.status === 400) {
    return { status: 400, error: { code: 'HTTP_INVALID', message: 'The request is not valid: it must be JSON.' } }
  }
  if (context.request.signal.aborted) {
    return { status: 499, error: { code: 'HTTP_CLIENT_GONE', message: 'The client went away.' } }
  }
  report(error, context)
  return { status: 500, error: { code: 'HTTP_INTERNAL', message: 'Something went wrong. The id finds it in the log.' } }
}

const statuses: Partial<Record<VaultErrorCode, number>> = {
  VAULT_REF_INVALID: 400,
  VAULT_VALUE_INVALID: 400,
  VAULT_ACCESS_DENIED: 403,
  VAULT_CONFLICT: 409,
  VAULT_SIGN_IN_REQUIRED: 409,
  VAULT_EXPIRED: 410,
  VAULT_NOT_SUPPORTED: 422,
  VAULT_INACTIVE: 423,
  VAULT_LOCKED_DOWN: 423,
  // What was altered in the store is for its owner to know.
  VAULT_OPEN_FAILED: 500,
  VAULT_ROLLBACK_SUSPECTED: 500,
  VAULT_STORE_FAILED: 503,
  VAULT_STORE_NOT_READY: 503,
  VAULT_KEY_UNAVAILABLE: 503,
  VAULT_AUDIT_FAILED: 503,
  VAULT_RENEWAL_FAILED: 503,
  VAULT_CLOSED: 503,
}

function ofVault({ code, message, field }: VaultError, { headers }: Request): Failing | undefined {
  const status = statuses[code]
  if (status === undefined) return undefined
  const isConditional = headers.has('if-match') || headers.has('if-none-match')
  return {
    status: code === 'VAULT_CONFLICT' && isConditional ? 412 : status,
    error: { code, message, ...(field !== undefined && { field }) },
    headers: status === 503 ? { 'retry-after': '1' } : undefined,
  }
}

/** A message may quote what a caller sent, so only the name, the code and the places in the source are logged. */
function report(error: unknown, { request, correlationId, logger }: FailureContext): void {
  if (logger === undefined) return
  const { method } = request
  const isError = error instanceof Error
  const code = isError && 'code' in error && typeof error.code === 'string' ? { code: error.code } : {}
  const at = isError ? placesOf(error) : []
  const facts = {
    correlationId,
    method,
    name: isError ? error.name : typeof error,
    ...code,
    at,
  }
  try {
    logger.error(facts, 'A request failed.')
  } catch {
    // A logger that fails must not change the answer.
  }
}

/** The places alone: the message stands before them, and may have lines of its own. */
function placesOf({ stack = '', message }: Error): readonly string[] {
  const lines = stack.slice(stack.indexOf(message) + message.length).split('\n')
  return lines
    .filter((line) => /^\s+at .*:\d+:\d+\)?$/.test(line))
    .map((line) => line.trim())
    .slice(0, 8)
}
