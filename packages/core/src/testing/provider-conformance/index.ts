// The conformance kit of key providers: every promise of their contract as a case that any test runner can run.
import { callCases } from './call-cases.ts'
import type { ProviderConformanceCase } from './case.ts'
import { nameCases } from './name-cases.ts'
import { refusalCases } from './refusal-cases.ts'
import { serviceCases } from './service-cases.ts'
import { wrappingCases } from './wrap-cases.ts'

export type { ProviderConformanceCase, ProviderFactory, ProviderUnderTest } from './case.ts'

/**
 * The cases that every key provider must pass. They use `node:assert` and no test runner; what a provider leaves out,
 * such as `generate`, is not asked for.
 *
 * @example
 * import { test } from 'node:test'
 * import { keyProviderConformance } from '@mcpvault/core/testing'
 * for (const { name, run } of keyProviderConformance) {
 *   test(name, () => run(async () => ({ provider: keyFromEnv(), cleanup: async () => {} })))
 * }
 */
export const keyProviderConformance: readonly ProviderConformanceCase[] = Object.freeze([
  ...nameCases,
  ...wrappingCases,
  ...refusalCases,
  ...serviceCases,
  ...callCases,
])
