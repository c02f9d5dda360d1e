// The public entry of @mcpvault/mcp: secrets in the handlers of MCP tools.
export {
  isMcpVaultError,
  type McpVaultError,
  type McpVaultErrorCode,
  type MissingReason,
  type MissingSecret,
} from './errors.ts'
export { type BoundFetchOptions, boundFetch } from './fetch/bound-fetch.ts'
export type { HowToStore } from './missing.ts'
export { redactorOf } from './redaction.ts'
export {
  callAgain,
  type Inbound,
  type MissingCall,
  type NamedDeclaration,
  type SecretHandler,
  type ToolCall,
  type ToolResult,
  type WithSecretsOptions,
} from './tools/call.ts'
export type {
  FieldsSchema,
  LeasedOf,
  LeasedSecret,
  LeasedSecrets,
  SecretDeclaration,
  SecretDeclarations,
} from './tools/declarations.ts'
export type { AuthFacts, ToolExtra } from './tools/extra.ts'
export type { ToolRefusal } from './tools/failures.ts'
export type { PrincipalSource } from './tools/principal.ts'
export { type RequireSecretsOptions, requireSecrets } from './tools/require-secrets.ts'
export { withSecrets } from './tools/with-secrets.ts'
