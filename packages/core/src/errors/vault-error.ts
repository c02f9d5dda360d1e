// The one error class of the vault, its codes, and the check that works across duplicate copies of the package.

interface CodeFacts {
  readonly sentence: string
  readonly retryable: boolean
  /** What is to be taken for true of a transient error without a detail. */
  readonly unexplained?: string
}

const facts = {
  VAULT_CONFIG_INVALID: { sentence: 'The vault is configured wrongly.', retryable: false },
  VAULT_NO_KEY: {
    sentence:
      'No encryption key found. Set MCPVAULT_KEY to a key from generateKey(), or from ' +
      '`node -p "crypto.randomBytes(32).toString(\'base64url\')"`.',
    retryable: false,
  },
  VAULT_REF_INVALID: { sentence: 'A name or a part of the context is not valid.', retryable: false },
  VAULT_VALUE_INVALID: { sentence: 'The value or an option of the secret is not valid.', retryable: false },
  VAULT_ACCESS_DENIED: { sentence: 'The principal may not do this.', retryable: false },
  VAULT_CONFLICT: { sentence: 'The secret was changed by someone else. Read it again and retry.', retryable: true },
  VAULT_EXPIRED: { sentence: 'The secret has expired. Set a new value or a later expiry.', retryable: false },
  VAULT_INACTIVE: { sentence: 'The secret is inactive. Activate it before use.', retryable: false },
  VAULT_SIGN_IN_REQUIRED: {
    sentence: 'The credential can be renewed no more. Ask its owner to sign in again, and set the new one.',
    retryable: false,
  },
  VAULT_NO_CREDENTIAL: {
    sentence: 'No credential in use may be sent to this host. Store one that names the host among its hosts.',
    retryable: false,
  },
  VAULT_RENEWAL_FAILED: {
    sentence: 'The credential could not be renewed; the one that is stored is as it was.',
    retryable: true,
  },
  VAULT_OPEN_FAILED: { sentence: 'The sealed bytes could not be opened.', retryable: false },
  VAULT_ENVELOPE_INVALID: { sentence: 'The bytes are not a well-formed envelope.', retryable: false },
  VAULT_ENVELOPE_UNSUPPORTED: {
    sentence: 'The envelope uses a format version or suite that this release does not know.',
    retryable: false,
  },
  VAULT_KEY_UNKNOWN: {
    sentence: 'No configured key has the key id that sealed this. Add the older key to the provider.',
    retryable: false,
  },
  VAULT_KEY_MISMATCH: {
    sentence:
      'This is another key than the one that the vault knows under this key id. Configure that key, or give this one ' +
      'an id of its own.',
    retryable: false,
  },
  VAULT_KEY_DENIED: { sentence: 'The key service refused the use of the key.', retryable: false },
  VAULT_KEY_UNAVAILABLE: { sentence: 'The key service could not be reached in time.', retryable: true },
  VAULT_STORE_FAILED: {
    sentence: 'The store failed.',
    retryable: true,
    unexplained: 'The outcome of a write is unknown.',
  },
  VAULT_STORE_NOT_READY: {
    sentence: 'The store has no schema, or an older one. Call migrate() on the store first.',
    retryable: false,
  },
  VAULT_AUDIT_FAILED: {
    sentence: 'The audit trail could not be written, so the operation was refused.',
    retryable: true,
  },
  VAULT_ROLLBACK_SUSPECTED: {
    sentence: 'The store returned an older record than one seen before. Someone may have put back old data.',
    retryable: false,
  },
  VAULT_LOCKED_DOWN: { sentence: 'The vault is locked down. An operator must unlock it.', retryable: false },
  VAULT_NOT_SUPPORTED: { sentence: 'The store or provider does not support this.', retryable: false },
  VAULT_CLOSED: { sentence: 'The vault is closed. Create a new one.', retryable: false },
} as const satisfies Record<string, CodeFacts>

/** A stable error code: it keeps its meaning within a major version. */
export type VaultErrorCode = keyof typeof facts

/** Every code, for tables and tests. */
export const vaultErrorCodes: readonly VaultErrorCode[] = Object.freeze(
  (Object.keys(facts) as VaultErrorCode[]).sort(), // Object.keys is typed string[]; the keys are exactly the codes.
)

/** The names that an error may be about. */
export interface ErrorRef {
  readonly owner?: string
  readonly server?: string
  readonly name?: string
}

/** What may accompany a code. Nothing here may ever hold a secret value. */
export interface VaultErrorDetails {
  /**
   * Fixed text, written in the source, that says which rule was broken; never built from input. Beside a `field` either
   * what the field must be, as in `must be a boolean.`, or a sentence of its own.
   */
  readonly detail?: string
  /** The name of the argument or option at fault, such as `owner` or `audit.store`. The message names it. */
  readonly field?: string
  readonly ref?: ErrorRef
  /** The key id (`main#2`) that was asked for. */
  readonly keyId?: string
  /** Overrides the code's default. */
  readonly retryable?: boolean
  /** A store says so that has tried for as long as it may: the vault then neither looks for the write nor sends it again. */
  readonly nothingWritten?: true
  readonly cause?: unknown
}

const brand = Symbol.for('mcpvault.VaultError')

/**
 * Thrown for every run-time condition of the vault. Messages are fixed sentences without values; facts are in fields.
 * Wrong JavaScript types are `TypeError` instead.
 */
export class VaultError extends Error {
  readonly code: VaultErrorCode
  /** True when the same call may succeed later without a change. */
  readonly retryable: boolean
  /** The store has tried for as long as it may, and nothing was written. Absent when that is not known. */
  readonly nothingWritten?: true
  readonly detail?: string
  readonly field?: string
  readonly ref?: ErrorRef
  readonly keyId?: string

  constructor(code: VaultErrorCode, details: VaultErrorDetails = {}) {
    const { sentence, retryable, unexplained }: CodeFacts = facts[code]
    // A failed opening must not tell an attacker which check failed, so it never carries a cause.
    const withCause = details.cause !== undefined && code !== 'VAULT_OPEN_FAILED'
    const detail = details.detail ?? ((details.retryable ?? retryable) ? unexplained : undefined)
    super(messageOf(sentence, { ...details, detail }), withCause ? { cause: details.cause } : undefined)
    this.name = 'VaultError'
    this.code = code
    this.retryable = details.retryable ?? retryable
    if (details.nothingWritten !== undefined) this.nothingWritten = details.nothingWritten
    if (details.detail !== undefined) this.detail = details.detail
    if (details.field !== undefined) this.field = details.field
    if (details.ref !== undefined) this.ref = Object.freeze({ ...details.ref })
    if (details.keyId !== undefined) this.keyId = details.keyId
    Object.defineProperty(this, brand, { value: true })
  }

  /** The error without its stack or cause, safe to send to a client. */
  toJSON(): Record<string, unknown> {
    const { name, code, message, retryable, field, ref, keyId } = this
    return { name, code, message, retryable, field, ref, keyId }
  }
}

interface MessageParts {
  readonly detail: string | undefined
  readonly field?: string
}

/** `The vault is configured wrongly: audit.store must be a boolean.` */
function messageOf(sentence: string, { detail, field }: MessageParts): string {
  if (field === undefined) return detail === undefined ? sentence : `${sentence} ${detail}`
  // The name of an unknown option is the caller's text: one that does not look like a name is not repeated.
  const name = /^[\w.-]{1,64}$/.test(field) ? field : 'an option'
  const about = `${sentence.replace(/\.$/, '')}: ${name}`
  if (detail === undefined) return `${about}.`
  const goesOn = /^[a-z]/.test(detail)
  return goesOn ? `${about} ${detail}` : `${about}. ${detail}`
}

/** Whether `error` is a VaultError (of `code`, when given), also one made by another copy of this package. */
export function isVaultError(error: unknown, code?: VaultErrorCode): error is VaultError {
  if (typeof error !== 'object' || error === null || !(brand in error)) return false
  return code === undefined || ('code' in error && error.code === code)
}

/** The code of a failure that the same call would have again; undefined when it succeeds. Any other failure is thrown. */
export async function lastingCodeOf(work: () => Promise<unknown>): Promise<VaultErrorCode | undefined> {
  try {
    await work()
    return undefined
  } catch (error) {
    if (!isVaultError(error) || error.retryable) throw error
    return error.code
  }
}
