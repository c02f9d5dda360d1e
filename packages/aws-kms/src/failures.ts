// Sorts what KMS and its client throw: a refusal is never taken for an outage, and an outage never for a refusal.
import type { KeyFailure } from '@mcpvault/core'

/** The ciphertext was altered, or belongs to another key or context. */
const integrity = ['InvalidCiphertextException', 'IncorrectKeyException']

/**
 * Refused now, with a status below 500, and worth asking again: all that the client takes for throttling; credentials
 * whose issuer could not be asked; and in the end, a clock that is wrong.
 */
const transient = [
  'BandwidthLimitExceeded',
  'EC2ThrottledException',
  'LimitExceededException',
  'PriorRequestNotComplete',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  'SlowDown',
  'ThrottledException',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
  'TransactionInProgressException',
  'IDPCommunicationError',
  'IDPCommunicationErrorException',
  'RequestTimeout',
  'RequestTimeoutException',
  'RequestExpired',
  'RequestTimeTooSkewed',
]

/**
 * By the name of the error first, then by its status. Without a status there was no answer: the network, a time limit,
 * or credentials that could not be fetched. Any other answer below 500 is a refusal: access denied, a disabled key, one
 * that is pending deletion, no such key, revoked or expired credentials.
 */
export function classifyKmsError(error: unknown): KeyFailure {
  const { name, status } = factsOf(error)
  if (integrity.includes(name)) return 'integrity'
  if (transient.includes(name) || status === undefined) return 'transient'
  return status >= 500 || status === 429 || status === 408 ? 'transient' : 'denied'
}

function factsOf(error: unknown): { readonly name: string; readonly status: number | undefined } {
  if (typeof error !== 'object' || error === null) return { name: '', status: undefined }
  const name = 'name' in error && typeof error.name === 'string' ? error.name : ''
  const metadata = '$metadata' in error ? error.$metadata : undefined
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata))
    return { name, status: undefined }
  const { httpStatusCode } = metadata
  return { name, status: typeof httpStatusCode === 'number' ? httpStatusCode : undefined }
}
