// Data keys: life, cache and wrapping.
export type { DataKey, DataKeyLimits, DataKeyRequest } from './data-key.ts'
export { createDataKeys, type DataKeys } from './data-keys.ts'
export { wrapKeyIds } from './wrapping.ts'
