// The options of accessReport.
import type { AuditFilter } from '../../contracts/index.ts'
import { VaultError } from '../../errors/index.ts'
import { parseName } from './names.ts'
import { parseDate, parseInteger, parseObject, parseSignal } from './shapes.ts'
import { refuseUnknown } from './unknown.ts'

/** Whose accesses to count, of what, and when. Conditions all hold. */
export interface AccessReportOptions {
  readonly owner?: string
  readonly server?: string
  readonly name?: string
  readonly principal?: string
  /** Events at or after this instant. */
  readonly since: Date
  /** Events before this instant; default all up to now. */
  readonly until?: Date
  /** How many events are looked at, from the newest on: 1 to 100,000, default 10,000. */
  readonly maxEvents?: number
  readonly signal?: AbortSignal | undefined
}

export interface ParsedAccessReport {
  readonly filter: AuditFilter
  readonly maxEvents: number
  readonly signal: AbortSignal | undefined
}

const texts = ['owner', 'server', 'name', 'principal'] as const

export function parseAccessReport(value: unknown): ParsedAccessReport {
  const given = parseObject(value, 'options')
  refuseUnknown(given, [...texts, 'since', 'until', 'maxEvents', 'signal'], 'options')
  const from = parseDate(given['since'], 'since')
  const to = given['until'] === undefined ? undefined : parseDate(given['until'], 'until')
  if (to !== undefined && to.getTime() <= from.getTime()) throw invalid('must be after since.', 'until')
  const named = texts
    .filter((field) => given[field] !== undefined)
    .map((field) => [field, parseName(given[field], field)])
  return {
    filter: {
      ...Object.fromEntries(named),
      from,
      ...(to === undefined ? {} : { to }),
      outcomes: ['allowed', 'denied'],
    },
    maxEvents: parseMaxEvents(given['maxEvents']),
    signal: parseSignal(given['signal']),
  }
}

function parseMaxEvents(value: unknown): number {
  if (value === undefined) return 10_000
  const maxEvents = parseInteger(value, 'maxEvents')
  if (maxEvents >= 1 && maxEvents <= 100_000) return maxEvents
  throw invalid('must be from 1 to 100,000.', 'maxEvents')
}

function invalid(detail: string, field: string): VaultError {
  return new VaultError('VAULT_VALUE_INVALID', { detail, field })
}
