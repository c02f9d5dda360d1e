// The public entry of @mcpvault/vault-transit.
export { type LoginOptions, login } from './login.ts'
export type { TokenSource, TransitOptions, TransitToken } from './options.ts'
export { vaultTransit } from './vault-transit.ts'
