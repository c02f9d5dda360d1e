// An answer of KMS that refuses or fails, as its clients know it.

/** Thrown inside the endpoint; becomes an answer with this name and status. */
export interface KmsFailure {
  readonly kmsFailure: string
  readonly status: number
  readonly message: string
}

/** The statuses that KMS documents for its errors; any other of them is 400. */
const statuses: Readonly<Record<string, number>> = {
  DependencyTimeoutException: 503,
  DisabledException: 409,
  KMSInternalException: 500,
  KMSInvalidStateException: 409,
  KeyUnavailableException: 500,
  NotFoundException: 404,
  ServiceUnavailable: 503,
}

/** A failure by the name of its error. */
export function kmsFailure(name: string, message = name): KmsFailure {
  return { kmsFailure: name, status: statuses[name] ?? 400, message }
}

export function isKmsFailure(error: unknown): error is KmsFailure {
  return typeof error === 'object' && error !== null && 'kmsFailure' in error
}
