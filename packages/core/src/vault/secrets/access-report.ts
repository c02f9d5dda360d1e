// Who read what, and who was refused: counts over a part of the audit trail.
import type { AuditRecord } from '../../audit/index.ts'
import type { AuditCursor } from '../../contracts/index.ts'
import { audited, type Caller } from '../operation.ts'
import type { ParsedAccessReport } from '../parse/access-report.ts'
import { isInstant } from '../parse/list.ts'
import { admitToTrail, type TrailView } from './audit-log.ts'

/** How often, and when. */
export interface AccessCounts {
  /** Values that were read. */
  readonly reads: number
  /** Calls of any kind that were refused. */
  readonly denied: number
  readonly firstAt: Date
  readonly lastAt: Date
}

/** Reads and refusals, each list by falling counts. Accesses of no single secret are not in `bySecret`. */
export interface AccessReport {
  readonly bySecret: readonly (AccessCounts & {
    readonly owner: string
    readonly server: string
    readonly name: string
  })[]
  readonly byPrincipal: readonly (AccessCounts & { readonly principal: string })[]
  readonly byServer: readonly (AccessCounts & { readonly server: string })[]
  /** Rows that no vault wrote as they are, and that are not counted. Run `verifyAudit`. */
  readonly untrusted: number
  /** False when there were more than `maxEvents`: older ones are not counted. Ask for a shorter time, or for more. */
  readonly isComplete: boolean
}

const pageRows = 1_000

/** Counts reads and refusals. Without the right to audit, only the principal's own, or those of its secrets. */
export function accessReport(caller: Caller, asked: ParsedAccessReport): Promise<AccessReport> {
  const { signal } = asked
  return audited(caller, { operation: 'accessReport', action: 'audit.read', signal }, async (call) => {
    const view = await admitToTrail(call, asked.filter)
    const tally = newTally()
    const { untrusted, isComplete } = await walk(view, { ...asked, see: tally.add })
    const result = Object.freeze({ ...tally.lists(), untrusted, isComplete })
    return { result, event: { count: tally.events() + untrusted } }
  })
}

/** Looks at rows from the newest on, at most `maxEvents`. */
async function walk(
  { trail, store, serving, filter, show }: TrailView,
  { maxEvents, see, signal }: ParsedAccessReport & { readonly see: (record: AuditRecord) => void },
): Promise<Pick<AccessReport, 'untrusted' | 'isComplete'>> {
  let untrusted = 0
  let after: AuditCursor | undefined
  for (let left = maxEvents; ; left -= pageRows) {
    // One more than may be counted says whether there are more.
    const limit = Math.min(pageRows, left + 1)
    const rows = await store.audit.query(filter, { ...serving, ...(after === undefined ? {} : { after }), limit })
    for (const checked of trail.check(rows.slice(0, left))) {
      if (isInstant(checked.at.getTime())) after = checked
      if (!('event' in checked)) untrusted++
      else {
        const shown = show(checked)
        if (shown !== undefined) see(shown)
      }
    }
    if (rows.length < limit) return { untrusted, isComplete: true }
    if (left <= pageRows && rows.length > left) return { untrusted, isComplete: false }
    signal?.throwIfAborted()
    // Pages of a store that answers at once would otherwise keep the process from everything else.
    await new Promise((resolve) => setImmediate(resolve))
  }
}

interface Count {
  reads: number
  denied: number
  firstAt: Date
  lastAt: Date
}

interface Tally {
  add(record: AuditRecord): void
  events(): number
  lists(): Pick<AccessReport, 'bySecret' | 'byPrincipal' | 'byServer'>
}

function newTally(): Tally {
  const secrets = counter<{ readonly owner: string; readonly server: string; readonly name: string }>()
  const principals = counter<{ readonly principal: string }>()
  const servers = counter<{ readonly server: string }>()
  let events = 0
  return {
    add({ event, at }) {
      events++
      const { action, outcome, principal, owner, server, name } = event
      const isRead = action === 'secret.accessed' && outcome === 'allowed' && name !== undefined
      if (!isRead && outcome !== 'denied') return
      const what = isRead ? 'reads' : 'denied'
      principals.add({ principal }, { what, at })
      if (server !== undefined) servers.add({ server }, { what, at })
      if (owner !== undefined && server !== undefined && name !== undefined)
        secrets.add({ owner, server, name }, { what, at })
    },
    events: () => events,
    lists: () => ({ bySecret: secrets.list(), byPrincipal: principals.list(), byServer: servers.list() }),
  }
}

interface Counter<K> {
  add(key: K, seen: { readonly what: 'reads' | 'denied'; readonly at: Date }): void
  list(): readonly (AccessCounts & K)[]
}

function counter<K extends object>(): Counter<K> {
  const counts = new Map<string, { readonly key: K; readonly count: Count }>()
  return {
    add(key, { what, at }) {
      // Names hold no control characters, so a line break keeps the parts apart.
      const id = Object.values(key).join('\n')
      let entry = counts.get(id)
      if (entry === undefined) {
        entry = { key, count: { reads: 0, denied: 0, firstAt: at, lastAt: at } }
        counts.set(id, entry)
      }
      const { count } = entry
      count[what]++
      if (at < count.firstAt) count.firstAt = at
      if (at > count.lastAt) count.lastAt = at
    },
    list: () =>
      Object.freeze(
        [...counts.values()]
          .sort((a, b) => b.count.reads + b.count.denied - a.count.reads - a.count.denied)
          .map(({ key, count }) => Object.freeze({ ...key, ...count })),
      ),
  }
}
