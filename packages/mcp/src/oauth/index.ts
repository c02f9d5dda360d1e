// The public entry of @mcpvault/mcp/oauth: kinds of credentials, and OAuth tokens that are refreshed once.
export {
  apiKey,
  type BoundToHosts,
  basic,
  bearer,
  type Credential,
  credentialSchema,
  env,
  type OAuthCredential,
  oauth,
  parseCredential,
  type RefreshConfig,
  type StorableCredential,
} from './credentials.ts'
export type { EndpointOptions } from './endpoint.ts'
export { type FinishOptions, finishSignIn } from './finish-sign-in.ts'
export { type InitializeProbeOptions, initializeProbe } from './initialize-probe.ts'
export {
  applyCredential,
  type CredentialMatch,
  type MatchableCredential,
  matchCredential,
  type RequestParts,
} from './match-credential.ts'
export { type OAuthRefreshOptions, oauthRefresh } from './oauth-refresh.ts'
export { type SignInClient, type SignInOptions, type SignInStarted, startSignIn } from './start-sign-in.ts'
export type { TokenAnswer } from './token-answer.ts'
