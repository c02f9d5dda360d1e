// Reading the audit trail: one's own events, those on one's own secrets, or all with the right to audit.

import { type AuditRecord, decodeRow } from '../../audit/index.ts'
import { type AuditFilter, ownOptions } from '../../contracts/index.ts'
import { VaultError } from '../../errors/index.ts'
import { audited, type Call, type Caller, denied } from '../operation.ts'
import { encodeAuditCursor, type ParsedAuditLog } from '../parse/list.ts'
import { isAuthorized } from '../record/admit.ts'

/** One page of events, newest first. */
export interface AuditPage {
  readonly items: readonly AuditRecord[]
  /** Where the next page begins; absent on the last one. */
  readonly cursor: string | undefined
}

/** Reads events. Without the right to audit, only those of the principal, or on its own secrets. */
export function readAuditLog(caller: Caller, { filter, after, limit, signal }: ParsedAuditLog): Promise<AuditPage> {
  return audited(caller, { operation: 'auditLog', action: 'audit.read', signal }, async (call) => {
    const { trail, store } = call.runtime
    if (trail === undefined) throw new VaultError('VAULT_NOT_SUPPORTED', { detail: 'Auditing is off in this vault.' })
    const allowed = allowedFilter(call, filter)
    if (!(await isAuthorized(call, { operation: 'auditLog' }))) throw denied(call)
    await trail.flush()
    const served = isAuditor(call) ? { signal } : call.serving
    const options = { limit: limit + 1, ...served, ...(after === undefined ? {} : { after }) }
    const rows = await store.audit.query(allowed, options)
    const page = rows.slice(0, limit)
    const last = page.at(-1)
    const cursor =
      rows.length > limit && last !== undefined ? encodeAuditCursor({ ...last, at: last.columns.at }) : undefined
    return { result: { items: page.map(decodeRow), cursor }, event: { count: page.length } }
  })
}

function allowedFilter(call: Call, filter: AuditFilter): AuditFilter {
  const { id } = call.principal
  if (isAuditor(call)) return filter
  if (filter.owner === id || filter.principal === id) return filter
  if (filter.principal !== undefined) throw denied(call, 'Reading events of others takes a role that allows audit.')
  return ownOptions({ ...filter, principal: id })
}

function isAuditor(call: Call): boolean {
  return call.runtime.config.rules.onVault(call.principal, 'audit')
}
