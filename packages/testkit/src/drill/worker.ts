// What the program of a drill's processes needs; it runs without a test runner.
export { serveJobs } from '../history/jobs.ts'
export { drillJobs } from './drill-jobs.ts'
