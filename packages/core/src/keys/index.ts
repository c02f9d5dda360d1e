// Data keys: creation, cache and wrapping.
export type { DataKey, DataKeyLimits, RowAhead } from './data-key.ts'
export { createDataKeys, type DataKeys, type StaleKey } from './data-keys.ts'
export { keyError } from './failure.ts'
export { createKeyFingerprints, metaKey, seenKey } from './fingerprints.ts'
export {
  encodeArchive,
  forgetArchive,
  type KnownArchive,
  knownArchives,
  parseArchive,
  rememberArchive,
} from './known-archives.ts'
export { createProviderCall } from './provider-call.ts'
export { type FoundWrap, keyNames, type RewrappedRow, type RewrapRequest } from './rewrap-row.ts'
export { createKeyWrapping, type KeyWrapping } from './wrapping.ts'
export { maxWraps, readableKeyIds, wrapKeyIds } from './wraps.ts'
