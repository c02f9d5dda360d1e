// The conformance kit: every promise of the store contract as a case that any test runner can run.
import { auditCases } from './audit-cases.ts'
import { auditQueryCases } from './audit-query-cases.ts'
import { auditStreamCases } from './audit-stream-cases.ts'
import type { ConformanceCase } from './case.ts'
import { dataKeyCases } from './data-key-cases.ts'
import { factoryCases } from './factory-cases.ts'
import { findCases } from './find-cases.ts'
import { listCases } from './list-cases.ts'
import { metaLockCases } from './meta-lock-cases.ts'
import { nameCases } from './name-cases.ts'
import { pagingCases } from './paging-cases.ts'
import { putCases } from './put-cases.ts'
import { touchCases } from './touch-cases.ts'
import { transactionCases } from './transaction-cases.ts'

export type { ConformanceCase, StoreFactory, StoreUnderTest } from './case.ts'
export {
  fullSecret,
  nextRevision,
  sampleAuditRow,
  sampleCheckpoint,
  sampleDataKey,
  sampleGrant,
  sampleRef,
  sampleScope,
  sampleSecret,
  sampleVersion,
} from './samples.ts'

/**
 * The cases that every store must pass, those about the factory first. They use `node:assert` and no test runner; a
 * store leaves a case out only through what it says in `supports`.
 *
 * @example
 * import { test } from 'node:test'
 * import { storeConformance } from '@mcpvault/core/testing'
 * for (const conformanceCase of storeConformance) {
 *   test(conformanceCase.name, () => conformanceCase.run(factory))
 * }
 */
export const storeConformance: readonly ConformanceCase[] = Object.freeze([
  ...factoryCases,
  ...findCases,
  ...putCases,
  ...touchCases,
  ...nameCases,
  ...listCases,
  ...pagingCases,
  ...dataKeyCases,
  ...auditCases,
  ...auditQueryCases,
  ...auditStreamCases,
  ...metaLockCases,
  ...transactionCases,
])
