// What the program of a process needs; it runs without a test runner.
export { serveJobs, type Tell } from './jobs.ts'
export { type OwnStore, vaultJobs } from './vault-jobs.ts'
