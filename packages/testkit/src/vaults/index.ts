// Vaults for tests, the parts that they are made of, and a run through every call that a vault has.
export { callEverything, endEverything, type SurfaceValues } from './every-call.ts'
export { operatorPrincipal, testPolicy } from './principals.ts'
export { rotatingKeys } from './rotating-keys.ts'
export { codeOf, type TestVault, testVault, tickingVault } from './test-vault.ts'
export { leaver, leaverContext, leaveTraces, tracesIn } from './traces.ts'
