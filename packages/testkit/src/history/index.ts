// The suites of several processes, and the check of what they did; the programs of the processes import `worker.ts`.
export {
  type Answered,
  checkHistory,
  type Operation,
  type Rule,
  type Unanswered,
  type Violation,
} from './check-history.ts'
export { historySuite } from './history-suite.ts'
export type { AddressedStore, ProcessSetting } from './process-setting.ts'
export { type ProxiedListening, type SilenceSetting, silenceSuite } from './silence.ts'
export { stalenessSuite } from './staleness.ts'
export { type WorkerProcess, type WorkerProgram, workerProgram } from './worker-process.ts'
