// The campaigns that every store with a server passes: calls that fail, and connections that break.
export { type CutSetting, cutSuite } from './cuts.ts'
export { type FaultSetting, faultSuite } from './faults.ts'
export { type ClientWork, type ProxiedStore, untilIdle } from './proxied-store.ts'
