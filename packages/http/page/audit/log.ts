// The events that were loaded, by which filters, and the newest ones as they come.
import { signal } from '@preact/signals'
import { type AuditItem, type AuditQuery, api, me, type Problem } from '../client.ts'
import { compare } from '../ui/text.tsx'
import { fromLocalInput } from '../ui/time.tsx'
import { actionGroups } from './words.ts'

export interface AuditFilters {
  /** `secrets`: events on the secrets of the user; `mine`: what the user did; `all`: everything, by a role. */
  readonly scope: 'secrets' | 'mine' | 'all'
  readonly group: string
  readonly outcome: '' | 'allowed' | 'denied' | 'missing' | 'failed'
  readonly principal: string
  readonly server: string
  readonly name: string
  readonly from: string
  readonly to: string
}

export const noAuditFilters: AuditFilters = {
  scope: 'secrets',
  group: '',
  outcome: '',
  principal: '',
  server: '',
  name: '',
  from: '',
  to: '',
}

/** Undefined: a row that no vault wrote as it is. */
export interface LogRow {
  readonly key: string
  readonly at: string
  readonly stream: string
  readonly sequence: number
  readonly item: AuditItem | undefined
}

export const auditFilters = signal(noAuditFilters)
export const log = signal<readonly LogRow[]>([])
export const logCursor = signal<string | null>(null)
export const logState = signal<'loading' | 'done'>('loading')
export const logProblem = signal<Problem | undefined>(undefined)

const pageRows = 100
const maxRows = 2_000
let asked = 0

export function queryOf(given: AuditFilters): AuditQuery {
  const { scope, outcome, principal, server, name } = given
  const id = me.value?.id ?? ''
  const actions = actionGroups.find(([group]) => group === given.group)?.[2] ?? []
  const [from, to] = [fromLocalInput(given.from), fromLocalInput(given.to)]
  const who = scope === 'mine' ? id : principal
  return {
    ...(scope === 'secrets' && { owner: id }),
    ...(who !== '' && { principal: who }),
    ...(server !== '' && { server }),
    ...(name !== '' && { name }),
    ...(actions.length > 0 && { action: [...actions] }),
    ...(outcome !== '' && { outcome: [outcome] }),
    ...(from !== null && { from }),
    ...(to !== null && { to }),
  }
}

/** The newest page. */
export function loadLog(): Promise<void> {
  asked += 1
  return loadPage(null)
}

export async function loadOlder(): Promise<void> {
  if (logCursor.value !== null) await loadPage(logCursor.value)
}

async function loadPage(cursor: string | null): Promise<void> {
  const round = asked
  logState.value = 'loading'
  const query = { ...queryOf(auditFilters.value), limit: pageRows }
  const answer = await api.audit(cursor === null ? query : { ...query, cursor })
  if (round !== asked) return
  logState.value = 'done'
  logProblem.value = answer.ok ? undefined : answer.problem
  if (!answer.ok) return
  log.value = [...(cursor === null ? [] : log.value), ...rowsOf(answer.data)]
  logCursor.value = answer.data.cursor
}

/** Puts what is new above what is there. */
export async function refreshLog(): Promise<void> {
  const round = asked
  const answer = await api.audit({ ...queryOf(auditFilters.value), limit: pageRows })
  if (round !== asked || !answer.ok) return
  const known = new Set(log.value.map(({ key }) => key))
  const fresh = rowsOf(answer.data).filter(({ key }) => !known.has(key))
  // A whole page of new ones may have more behind it, and cut off at its end the list would go on behind a gap.
  if (fresh.length === pageRows || log.value.length + fresh.length > maxRows) await loadLog()
  else if (fresh.length > 0) log.value = [...fresh, ...log.value]
}

interface Page {
  readonly items: readonly AuditItem[]
  readonly untrusted: readonly { readonly at: string | null; readonly stream: string; readonly sequence: number }[]
}

function rowsOf({ items, untrusted }: Page): readonly LogRow[] {
  const rows: readonly LogRow[] = [
    ...items.map((item) => ({ key: keyOf(item), at: item.at, stream: item.stream, sequence: item.sequence, item })),
    ...untrusted.map((row) => ({ ...row, key: keyOf(row), at: row.at ?? '', item: undefined })),
  ]
  return untrusted.length === 0 ? rows : rows.toSorted((a, b) => compare(b.at, a.at))
}

export function keyOf({ stream, sequence }: { readonly stream: string; readonly sequence: number }): string {
  return `${stream}/${sequence}`
}
