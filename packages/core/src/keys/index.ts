// Data keys: life, cache and wrapping.
export { createDataKeys, type DataKey, type DataKeyLimits, type DataKeyRequest, type DataKeys } from './data-keys.ts'
export { classifyKeyFailure } from './failure.ts'
export { createLimiter } from './limiter.ts'
export { singleFlight } from './single-flight.ts'
export type { KeyWrapping } from './wrapping.ts'
