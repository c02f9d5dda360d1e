// What a call fails with, whether it throws at once or later.
import { isVaultError, type VaultErrorCode } from '@mcpvault/core'

export interface Failure {
  readonly code: VaultErrorCode
  readonly retryable: boolean
  readonly field: string | undefined
}

/** Resolves to the vault error of a call; rejects when there is another error or none. */
export async function failureOf(call: () => unknown): Promise<Failure> {
  try {
    await call()
  } catch (error) {
    if (!isVaultError(error)) throw error
    return { code: error.code, retryable: error.retryable, field: error.field }
  }
  throw new Error('The call did not fail.')
}
