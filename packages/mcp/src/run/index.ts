// The public entry of @mcpvault/mcp/run: programs that read their secrets from the environment.
export type { SignalSource } from './child.ts'
export { type EnvOptions, envFor } from './env-for.ts'
export type { EnvDeclarations } from './plan-env.ts'
export { type RunOptions, type RunResult, runWithSecrets } from './run-with-secrets.ts'
