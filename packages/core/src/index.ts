// The public entry of @mcpvault/core.
export { isVaultError, VaultError } from './errors/index.ts'
