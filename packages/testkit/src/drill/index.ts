// The drill of a rotation with real processes; the program of the processes imports `worker.ts`.
export { type DrillSetting, type DrillStage, drillSuite } from './drill-suite.ts'
