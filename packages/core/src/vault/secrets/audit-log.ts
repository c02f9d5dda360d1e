// Reading the audit trail: one's own events, those on one's own secrets, or all with the right to audit.

import type { AuditRecord, AuditTrail, UntrustedEvent } from '../../audit/index.ts'
import {
  type AuditCursor,
  type AuditFilter,
  type CallOptions,
  ownOptions,
  type VaultStore,
} from '../../contracts/index.ts'
import { VaultError } from '../../errors/index.ts'
import { badCursor } from '../cursors.ts'
import { audited, type Call, type Caller, denied } from '../operation.ts'
import { isInstant, type ParsedAuditLog } from '../parse/list.ts'
import { isAuthorized } from '../record/admit.ts'
import { isAskedFor, masked, unmaskableFilter } from './own-events.ts'

/** One page of events, newest first. */
export interface AuditPage {
  readonly items: readonly AuditRecord[]
  /** Rows of this page that no vault wrote as they are. Run `verifyAudit`, which finds what else was changed. */
  readonly untrusted: readonly UntrustedEvent[]
  /** Where the next page begins; absent on the last one. */
  readonly cursor: string | undefined
}

/** A filter of the store, and what is shown of an event that it finds; undefined for one that is left out. */
interface View {
  readonly filter: AuditFilter
  readonly show: (record: AuditRecord) => AuditRecord | undefined
}

/** A view of the trail that the principal may have, and where it reads. */
export interface TrailView extends View {
  readonly trail: AuditTrail
  readonly store: VaultStore
  readonly serving: CallOptions
}

/** The view of what is asked, or the refusal; the trail has by then what was queued before. */
export async function admitToTrail(call: Call, filter: AuditFilter): Promise<TrailView> {
  const { trail, store } = call.runtime
  const { signal } = call
  if (trail === undefined) throw new VaultError('VAULT_NOT_SUPPORTED', { detail: 'Auditing is off in this vault.' })
  const view = viewOf(call, filter)
  if (!(await isAuthorized(call, { operation: 'auditLog' }))) throw denied(call)
  await trail.settle({ signal })
  return { ...view, trail, store, serving: isAuditor(call) ? { signal } : call.serving }
}

/** Reads events. Without the right to audit, only those of the principal, or on its own secrets. */
export function readAuditLog(
  caller: Caller,
  { action, ...asked }: ParsedAuditLog & { readonly action: 'audit.read' | 'audit.exported' },
): Promise<AuditPage> {
  const { signal } = asked
  return audited(caller, { operation: 'auditLog', action, signal }, async (call) => {
    const page = await fillPage(call, await admitToTrail(call, asked.filter), asked)
    return { result: page, event: { count: page.items.length + page.untrusted.length } }
  })
}

/**
 * Page after page until the first event of the trail. Events that come meanwhile are newer than the first page, so it
 * comes to an end.
 */
export async function* auditPages(caller: Caller, asked: ParsedAuditLog): AsyncGenerator<AuditPage, void, undefined> {
  for (let cursor = asked.cursor; ; ) {
    const page = await readAuditLog(caller, { ...asked, cursor, action: 'audit.exported' })
    yield page
    if (page.cursor === undefined) return
    cursor = page.cursor
  }
}

/** A page needs several queries when much of what they find is left out. */
const maxQueries = 10
const maxRows = 1_000

async function fillPage(
  call: Call,
  { trail, store, serving, filter, show }: TrailView,
  asked: ParsedAuditLog,
): Promise<AuditPage> {
  const { runtime, signal, principal } = call
  const { cursor, limit } = asked
  const request = { question: [principal.id, call.operation, asked.filter], signal }
  const items: AuditRecord[] = []
  const untrusted: UntrustedEvent[] = []
  let after = cursor === undefined ? undefined : placeOf(await runtime.cursors.open(cursor, request))
  let shown = after
  const seal = ({ at, stream, sequence }: AuditCursor): Promise<string> =>
    runtime.cursors.seal([at.getTime(), stream, sequence], request)
  for (let query = 0; query < maxQueries; query++) {
    // One row more than the page holds says whether there is a next page; later queries look for what is rare.
    const rowLimit = query === 0 ? Math.min(limit + 1, maxRows) : maxRows
    const position = after === undefined ? {} : { after }
    const rows = await store.audit.query(filter, { ...serving, ...position, limit: rowLimit })
    for (const checked of trail.check(rows)) {
      // A row with no possible time is no place to go on from.
      if (isInstant(checked.at.getTime())) after = checked
      const item = 'event' in checked ? show(checked) : checked
      if (item === undefined) continue
      if (items.length + untrusted.length === limit) return { items, untrusted, cursor: shown && (await seal(shown)) }
      if ('event' in item) items.push(item)
      else untrusted.push(item)
      shown = after
    }
    if (rows.length < rowLimit) return { items, untrusted, cursor: undefined }
  }
  return { items, untrusted, cursor: after && (await seal(after)) }
}

function placeOf([ms, stream, sequence]: readonly unknown[]): AuditCursor {
  if (!isInstant(ms) || typeof stream !== 'string' || !isInstant(sequence)) throw badCursor()
  return { at: new Date(ms), stream, sequence }
}

/** What the principal may ask, and how it is shown. An auditor and the owner of the secrets are shown events as they are. */
function viewOf(call: Call, filter: AuditFilter): View {
  const { id } = call.principal
  if (isAuditor(call) || filter.owner === id) return { filter, show: (record) => record }
  if (filter.principal !== undefined && filter.principal !== id)
    throw denied(call, 'Reading events of others takes a role that allows audit.')
  const own = ownOptions({ ...unmaskableFilter(filter), principal: id })
  const show = (record: AuditRecord): AuditRecord | undefined => {
    // Who read a canary must not learn that it is one.
    if (record.event.action === 'access.canary' && record.event.owner !== id) return undefined
    const event = masked(record)
    return isAskedFor(event, filter) ? event : undefined
  }
  return { filter: own, show }
}

function isAuditor(call: Call): boolean {
  return call.runtime.config.rules.onVault(call.principal, 'audit')
}
