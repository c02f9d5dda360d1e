// The errors of this package, told apart by their code. They name secrets, options and hosts, and hold no value.

/**
 * `missing`: not stored, or not the principal's to know of. `forbidden`: known, but refused. `malformed`: the name is
 * none, or the value is not what the declaration says. `untrusted`: altered in the store, or older than seen before.
 */
export type MissingReason = 'missing' | 'expired' | 'inactive' | 'forbidden' | 'malformed' | 'untrusted'

/** A declared secret that cannot be used. Never a value. */
export interface MissingSecret {
  /** What the declaration calls it; for a child process, the variable. */
  readonly key: string
  readonly owner: string
  readonly server: string
  readonly name: string
  readonly reason: MissingReason
  /** For `malformed`: the fields that are not what the declaration says. */
  readonly fields?: readonly string[]
}

/** A stable code: it keeps its meaning within a major version. */
export type McpVaultErrorCode =
  /** The call names no principal, or two. */
  | 'MCP_PRINCIPAL_MISSING'
  /** Declared secrets cannot be used; `missing` lists every one of them. */
  | 'MCP_SECRET_MISSING'
  /** The handler took longer than `timeoutMs`. */
  | 'MCP_CALL_TIMED_OUT'
  /** A secret was about to go to a host that it is not bound to, or over a plain connection. */
  | 'MCP_DESTINATION_REFUSED'

/** An error of this package. Errors of the vault itself are `VaultError`. */
export interface McpVaultError extends Error {
  readonly code: McpVaultErrorCode
  /** For `MCP_SECRET_MISSING`: what cannot be used, and why. */
  readonly missing?: readonly MissingSecret[]
}

const brand = Symbol.for('mcpvault.McpVaultError')

/** Whether `error` is one of this package (of `code`, when given), also one made by another copy of it. */
export function isMcpVaultError(error: unknown, code?: McpVaultErrorCode): error is McpVaultError {
  if (typeof error !== 'object' || error === null || !(brand in error)) return false
  return code === undefined || ('code' in error && error.code === code)
}

/** What an error says beside its code. */
export interface McpVaultErrorFacts {
  readonly message: string
  readonly missing?: readonly MissingSecret[]
}

export function mcpVaultError(code: McpVaultErrorCode, { message, missing }: McpVaultErrorFacts): McpVaultError {
  const error = Object.assign(new Error(message), { code, ...(missing === undefined ? {} : { missing }) })
  error.name = 'McpVaultError'
  return Object.defineProperty(error, brand, { value: true })
}
