// The entry @mcpvault/core/import: moving secrets into a vault, from the environment or from any other source.
export { type EnvSecret, type EnvSecretsOptions, envSecrets } from './env-secrets.ts'
export { importSecrets } from './import-secrets.ts'
export type { ImportOptions } from './options.ts'
export type { ImportProgress, ImportReport, RefusedSecret } from './report.ts'
export type { ImportSource, SourceEntry, SourceRefusal } from './source.ts'
