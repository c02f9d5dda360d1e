// The public entry of @mcpvault/mcp/redact: keeps live values out of results, errors and logs.
export type { ConsoleLike } from './console.ts'
export { createRedactor, type Redactor, type RedactorOptions } from './redactor.ts'
export type { LiveHandle, LiveSecret } from './registry.ts'
