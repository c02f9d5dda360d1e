// The public entry: the handler and its options.
export { type VaultHandler, vaultHandler } from './handler.ts'
export type {
  CompatSystem,
  HandlerLimits,
  HttpLogger,
  RevealLimiter,
  SignedIn,
  VaultHandlerOptions,
} from './options.ts'
export type { Connection } from './safety/arrival.ts'
