// The public entry of @mcpvault/vault-transit.
export { type LoginOptions, login } from './login.ts'
export type { TransitOptions } from './options.ts'
export type { ServerOptions, TokenSource, TransitToken } from './server-options.ts'
export { vaultTransit } from './vault-transit.ts'
