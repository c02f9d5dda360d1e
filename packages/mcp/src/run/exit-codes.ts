// The exit codes of a program that starts another: the child's own, and those of sysexits.h and shells for the rest.
import { constants } from 'node:os'
import { isVaultError, type VaultErrorCode } from '@mcpvault/core'
import { isMcpVaultError } from '../errors.ts'

/** What ends before a child is started, or instead of it. */
export const exitCodes = {
  /** The options make no sense. */
  usage: 2,
  /** The store, the key service or the trail cannot be reached. */
  unreachable: 69,
  /** Anything else that went wrong here. */
  internal: 70,
  /** The principal may not use what was asked for, or the vault is locked down. */
  denied: 77,
  /** Secrets are missing, or the vault is configured wrongly. */
  missing: 78,
  notExecutable: 126,
  notFound: 127,
} as const

/** As a shell says it: 128 and the number of the signal. */
export function exitCodeOf(code: number | null, signal: NodeJS.Signals | null): number {
  return signal === null ? (code ?? exitCodes.internal) : 128 + constants.signals[signal]
}

/** The code for an error of `spawn`. */
export function spawnExitCode(error: NodeJS.ErrnoException): number {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return exitCodes.notFound
  return ['EACCES', 'EPERM', 'ENOEXEC', 'EISDIR', 'ELOOP', 'ENAMETOOLONG', 'E2BIG'].includes(error.code ?? '')
    ? exitCodes.notExecutable
    : exitCodes.internal
}

const ofVault: Partial<Record<VaultErrorCode, number>> = {
  VAULT_ACCESS_DENIED: exitCodes.denied,
  VAULT_KEY_DENIED: exitCodes.denied,
  VAULT_LOCKED_DOWN: exitCodes.denied,
  VAULT_STORE_FAILED: exitCodes.unreachable,
  VAULT_KEY_UNAVAILABLE: exitCodes.unreachable,
  VAULT_AUDIT_FAILED: exitCodes.unreachable,
  VAULT_CONFIG_INVALID: exitCodes.usage,
  VAULT_REF_INVALID: exitCodes.usage,
  VAULT_NO_KEY: exitCodes.missing,
  VAULT_KEY_UNKNOWN: exitCodes.missing,
  VAULT_KEY_MISMATCH: exitCodes.missing,
  VAULT_STORE_NOT_READY: exitCodes.missing,
}

/** The code for what happened while the environment was made. */
export function failureExitCode(error: unknown): number {
  if (isMcpVaultError(error, 'MCP_SECRET_MISSING')) {
    return error.missing?.some(({ reason }) => reason === 'forbidden') ? exitCodes.denied : exitCodes.missing
  }
  return (isVaultError(error) ? ofVault[error.code] : undefined) ?? exitCodes.internal
}
