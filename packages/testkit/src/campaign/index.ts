// The campaigns that every store passes: calls that fail, connections that break, and many callers at once.
export { type CutSetting, cutSuite } from './cut-suite.ts'
export { type FaultSetting, faultSuite } from './fault-suite.ts'
export { type KillSetting, type KillStage, killSuite } from './kill-suite.ts'
export { endingMethods, endingStore, type Lifeline, lifeline } from './lifeline.ts'
export { type ClientWork, type ProxiedStore, untilIdle } from './proxied-store.ts'
export { failingStage, manyWriters, oneCaller } from './random-runs.ts'
export { type CampaignSetting, failEach } from './run-script.ts'
export { scripts } from './scripts.ts'
