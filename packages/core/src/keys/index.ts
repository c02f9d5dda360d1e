// Data keys: creation, cache and wrapping.
export type { DataKey, DataKeyLimits, DataKeyRequest, RowAhead } from './data-key.ts'
export { createDataKeys, type DataKeys } from './data-keys.ts'
export type { FoundWrap, RewrapRequest } from './rewrap-row.ts'
export { wrapKeyIds } from './wraps.ts'
