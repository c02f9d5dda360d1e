// An error of the API itself: its status, code and fixed message, never anything of the request.

/** What the API refuses by itself, before or after the vault. */
export interface HttpFault {
  readonly status: number
  readonly code: `HTTP_${string}`
  /** A fixed sentence. */
  readonly message: string
  readonly field?: string | undefined
  readonly headers?: Readonly<Record<string, string>>
}

const faults = new WeakMap<Error, HttpFault>()

/** An error to throw. */
export function httpError(fault: HttpFault): Error {
  const error = new Error(fault.message)
  faults.set(error, fault)
  return error
}

/** What an error of `httpError` says; undefined for any other. */
export function faultOf(error: unknown): HttpFault | undefined {
  return error instanceof Error ? faults.get(error) : undefined
}

/** A request whose field is not as the schema says. */
export function invalidField(field: string | undefined, problem: string): Error {
  const message =
    field === undefined ? `The request is not valid: it ${problem}` : `The request is not valid: ${field} ${problem}`
  return httpError({ status: 400, code: 'HTTP_INVALID', message, field })
}

/** The answer for a secret that is absent, and for one that the caller may not know of. */
export function noSuchSecret(): Error {
  return httpError({ status: 404, code: 'HTTP_NOT_FOUND', message: 'There is no such secret.' })
}
