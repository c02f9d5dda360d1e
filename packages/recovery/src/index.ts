// The public entry of @mcpvault/recovery.
export { combineRecoveryShares, type SplitOptions, splitRecoveryKey } from './shares.ts'
export { recoveryFromWords, recoveryWords } from './words.ts'
