// From the query of an audit route to the filter of the vault.
import type { AuditLogOptions } from '@mcpvault/core'
import type { z } from 'zod'
import { dropUndefined } from '../call.ts'
import type { auditExportQuery } from '../schemas/audit.ts'

export type AuditFilterOptions = Omit<AuditLogOptions, 'cursor' | 'limit' | 'signal'>

export function auditFilter({
  action,
  outcome,
  from,
  to,
  ...texts
}: z.output<typeof auditExportQuery>): AuditFilterOptions {
  return dropUndefined({
    ...texts,
    actions: action,
    outcomes: outcome,
    from: from === undefined ? undefined : new Date(from),
    to: to === undefined ? undefined : new Date(to),
  })
}
