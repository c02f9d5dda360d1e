// The public entry of @mcpvault/core/testing.
export {
  type ConformanceCase,
  fullSecret,
  nextRevision,
  type StoreFactory,
  type StoreUnderTest,
  sampleAuditRow,
  sampleCheckpoint,
  sampleDataKey,
  sampleGrant,
  sampleRef,
  sampleScope,
  sampleSecret,
  sampleVersion,
  storeConformance,
} from './conformance/index.ts'
export { type FaultStore, type FaultStoreOptions, faultStore } from './fault-store.ts'
export { type InterceptedCall, type Interceptor, interceptStore } from './intercept.ts'
export { type ManualClock, manualClock } from './manual-clock.ts'
export {
  keyProviderConformance,
  type ProviderConformanceCase,
  type ProviderFactory,
  type ProviderUnderTest,
} from './provider-conformance/index.ts'
export {
  type CountingProvider,
  countingProvider,
  type FailingProvider,
  failingProvider,
  type KeyCall,
  type KeyFault,
} from './provider-fakes.ts'
export { type RecordingStore, recordingStore, type Spelling } from './recording-store.ts'
