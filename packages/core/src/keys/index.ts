// Data keys: life, cache and wrapping.
export { createDataKeys, type DataKey, type DataKeyLimits, type DataKeyRequest, type DataKeys } from './data-keys.ts'
export { wrapKeyIds } from './wrapping.ts'
