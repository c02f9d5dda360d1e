// The public entry of the page that asks users for missing secrets.
export type { ElicitingServer } from './client.ts'
export { type Elicitation, type ElicitHandler, elicitSecrets } from './elicit-secrets.ts'
export { incomingOf, type MountedRequest, toExpress, toNode } from './mount.ts'
export type { ElicitSecretsOptions, ProbedSecret, ProbeOutcome, UrlElicitation } from './options.ts'
