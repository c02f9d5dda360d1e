// All stores that break the contract on purpose.

import type { BrokenStore } from './breaking.ts'
import { brokenAuditStores } from './broken-audit-stores.ts'
import { brokenKeyStores } from './broken-key-stores.ts'
import { brokenListStores } from './broken-list-stores.ts'
import { brokenMetaStores } from './broken-meta-stores.ts'
import { brokenNameStores } from './broken-name-stores.ts'
import { brokenReadStores } from './broken-read-stores.ts'
import { brokenTouchStores } from './broken-touch-stores.ts'
import { brokenTransactionStores } from './broken-transaction-stores.ts'
import { brokenWriteStores } from './broken-write-stores.ts'

export const brokenStores: readonly BrokenStore[] = [
  ...brokenReadStores,
  ...brokenWriteStores,
  ...brokenTouchStores,
  ...brokenListStores,
  ...brokenNameStores,
  ...brokenKeyStores,
  ...brokenMetaStores,
  ...brokenAuditStores,
  ...brokenTransactionStores,
]
