// The suites of several processes, and the check of what they did; the programs of the processes import `worker.ts`.
export { type Answered, checkHistory, type Operation, type Rule, type Unanswered, type Violation } from './check.ts'
export { type WorkerProcess, type WorkerProgram, workerProgram } from './processes.ts'
export type { AddressedStore, ProcessSetting } from './setting.ts'
export { type ProxiedListening, type SilenceSetting, silenceSuite } from './silence.ts'
export { stalenessSuite } from './staleness.ts'
export { historySuite } from './suite.ts'
