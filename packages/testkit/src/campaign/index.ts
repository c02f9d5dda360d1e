// The campaigns that every store passes: calls that fail, connections that break, and many callers at once.
export { type CutSetting, cutSuite } from './cuts.ts'
export { type FaultSetting, faultSuite } from './faults.ts'
export { type ClientWork, type ProxiedStore, untilIdle } from './proxied-store.ts'
export { failingStage, manyWriters, oneCaller } from './random-runs.ts'
export { type CampaignSetting, failEach } from './run-script.ts'
export { scripts } from './scripts.ts'
