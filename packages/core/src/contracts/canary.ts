// What the host is notified of when somebody touches a canary.
import type { CallContext } from './principal.ts'
import type { SecretRef } from './ref.ts'

/** Somebody read a canary, or its value stood in a text that was looked through. */
export interface CanaryAlarm {
  readonly ref: SecretRef
  readonly secretId: string
  /** The principal of the call. */
  readonly principal: string
  /** The verb: `get`, `use`, `getAll` or `findCanaries`. */
  readonly operation: string
  readonly context: CallContext
  readonly at: Date
}
