// Sorts what a key provider throws, and gives it a code of the vault.
import type { KeyFailure, KeyProvider } from '../contracts/index.ts'
import { isVaultError, VaultError, type VaultErrorCode } from '../errors/index.ts'

const failureOfCode: Partial<Record<VaultErrorCode, KeyFailure>> = {
  VAULT_KEY_DENIED: 'denied',
  VAULT_KEY_UNKNOWN: 'denied',
  VAULT_KEY_MISMATCH: 'denied',
  VAULT_OPEN_FAILED: 'integrity',
  VAULT_ENVELOPE_INVALID: 'integrity',
  VAULT_ENVELOPE_UNSUPPORTED: 'integrity',
}

/** Whether a failure is transient, a refusal, or means altered bytes. */
export function classifyKeyFailure(error: unknown, provider: KeyProvider): KeyFailure {
  if (isVaultError(error)) return failureOfCode[error.code] ?? 'transient'
  return provider.classify?.(error) ?? 'transient'
}

/** Of several failures the one to report. `VAULT_KEY_UNKNOWN` says least, so any other comes first. */
export function tellingError(errors: readonly unknown[]): unknown {
  return errors.find((error) => !isVaultError(error, 'VAULT_KEY_UNKNOWN')) ?? errors[0]
}

/** The error that callers see for what a provider threw. A VaultError stays as it is. */
export function keyError(error: unknown, provider: KeyProvider): VaultError {
  if (isVaultError(error)) return error
  const failure = classifyKeyFailure(error, provider)
  if (failure === 'denied') return new VaultError('VAULT_KEY_DENIED', { cause: error })
  if (failure === 'integrity') return new VaultError('VAULT_OPEN_FAILED')
  return new VaultError('VAULT_KEY_UNAVAILABLE', { cause: error })
}
