// A principal's own events as it may see them: a secret that it may not know of looks absent here too.
import type { AuditRecord } from '../../audit/index.ts'
import { type AuditAction, type AuditEvent, type AuditFilter, ownOptions } from '../../contracts/index.ts'

/**
 * The filter that the store gets. What a mask can change is asked of the masked event: a hidden secret must not show by
 * what a filter finds, nor by how much was left out.
 */
export function unmaskableFilter({
  actions: _actions,
  outcomes: _outcomes,
  secretId: _id,
  ...rest
}: AuditFilter): AuditFilter {
  return ownOptions(rest)
}

/** Whether a shown event is what the filter asks for, of what `unmaskableFilter` has left out. */
export function isAskedFor({ event }: AuditRecord, { actions, outcomes, secretId }: AuditFilter): boolean {
  return (
    (actions === undefined || actions.includes(event.action)) &&
    (outcomes === undefined || outcomes.includes(event.outcome)) &&
    (secretId === undefined || secretId === event.secretId)
  )
}

/** The event as it would be if there were no such secret. */
export function masked(record: AuditRecord): AuditRecord {
  if (record.event.hidden !== true) return record
  const {
    hidden: _hidden,
    secretId: _id,
    version: _version,
    keyId: _key,
    envelopeDigest: _digest,
    ...shown
  } = record.event
  // A refused `set` is refused also where nothing is, and says so; every other verb finds nothing.
  const outcome = shown.errorCode === 'VAULT_ACCESS_DENIED' ? 'denied' : 'missing'
  return { ...record, event: { ...shown, action: actionOfAbsent(shown), outcome } }
}

function actionOfAbsent({ operation, action }: AuditEvent): AuditAction {
  if (operation === 'set') return 'secret.created'
  return operation === 'share' ? 'secret.shared' : action
}
