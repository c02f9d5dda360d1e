// What the actions and outcomes of the audit trail are called on the page.
import type { AuditItem } from '../client.ts'
import type { Tone } from '../ui/badge.tsx'

const actions: Readonly<Record<string, string>> = {
  'secret.accessed': 'read',
  'secret.updated': 'changed',
  'access.escalation': 'tried to give more than allowed',
}

const lookups: Readonly<Record<string, string>> = {
  describe: 'looked at its settings',
  history: 'looked at its versions',
  grants: 'looked at who has it',
  require: 'checked that it can be used',
}

/** What was done, in words: most actions are their own. */
export function actionName({ action, operation }: Pick<AuditItem, 'action' | 'operation'>): string {
  const byOperation = action === 'secret.listed' ? lookups[operation] : undefined
  const [noun, verb] = action.split('.')
  return byOperation ?? actions[action] ?? (noun === 'secret' ? `${verb}` : `${verb} the ${noun}`)
}

/** Where a call came from: browser and system; the whole text is the title. */
export function agentName(agent: string): string {
  const find = (names: readonly string[]): string | undefined => names.find((name) => agent.includes(name))
  const browser = find(['Firefox', 'Edg', 'OPR', 'Chrome', 'Safari'])
  const system = find(['Android', 'iPhone', 'iPad', 'Windows', 'Mac OS', 'Linux'])
  return browser === undefined || system === undefined ? agent : `${browser}, ${system}`
}

/** What happened to secrets, without who looked at lists and settings. The groups below are parts of it. */
export const notable: readonly AuditItem['action'][] = [
  'secret.accessed',
  'secret.created',
  'secret.updated',
  'secret.rotated',
  'secret.activated',
  'secret.deactivated',
  'secret.expired',
  'secret.shared',
  'secret.unshared',
  'access.escalation',
  'secret.deleted',
  'secret.undeleted',
  'secret.destroyed',
]

type ActionGroup = readonly [name: string, label: string, actions: readonly AuditItem['action'][]]

/** The choices of the filter: groups of actions that a user asks for. */
export const actionGroups: readonly ActionGroup[] = [
  ['', 'Reads and changes', notable],
  ['reads', 'Reads', notable.slice(0, 1)],
  ['changes', 'Changes', notable.slice(1, 7)],
  ['sharing', 'Sharing', notable.slice(7, 10)],
  ['removal', 'Removal', notable.slice(10)],
  ['all', 'Everything', []],
]

export const outcomes = [
  ['', 'Any outcome'],
  ['allowed', 'Allowed'],
  ['denied', 'Denied'],
  ['missing', 'Missing'],
  ['failed', 'Failed'],
] as const

export function outcomeTone(outcome: AuditItem['outcome']): Tone {
  if (outcome === 'allowed') return 'ok'
  return outcome === 'denied' || outcome === 'failed' ? 'danger' : 'neutral'
}

const problems: Readonly<Record<string, string>> = {
  mac: 'was altered',
  gap: 'comes after rows that are gone',
  order: 'is out of order',
  body: 'cannot be read',
  columns: 'does not say what was written',
  redaction: 'was replaced without a key of the vault',
  head: 'is not what a checkpoint states',
  truncated: 'is gone, with those after it',
  'missing-stream': 'is gone',
  checkpoint: 'was not signed by the vault',
}

export function problemName(problem: string): string {
  return problems[problem] ?? `has the problem "${problem}"`
}
