// The entry @mcpvault/vault-transit/kv: the secrets of a KV version 2 engine as a source of an import.
export { type LoginOptions, login } from '../login.ts'
export type { ServerOptions, TokenSource, TransitToken } from '../server-options.ts'
export { kvSecrets } from './kv-secrets.ts'
export type { KvOptions } from './options.ts'
export type { KvFound, KvRefused, KvSecret } from './secret.ts'
