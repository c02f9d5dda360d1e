// Errors, the first part of the foundation.
export {
  type ErrorRef,
  isVaultError,
  lastingCodeOf,
  VaultError,
  type VaultErrorCode,
  type VaultErrorDetails,
  vaultErrorCodes,
} from './vault-error.ts'
