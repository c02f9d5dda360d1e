// The body of an event: canonical JSON bytes, with every field picked by name.
import { utf8Bytes } from '../../bytes/index.ts'
import { type AuditEvent, auditActions } from '../../contracts/index.ts'
import { vaultErrorCodes } from '../../errors/index.ts'

/** An event and when it happened. */
export interface StampedEvent {
  readonly event: AuditEvent
  readonly at: Date
}

/** An event with its place in the trail. */
export interface AuditRecord extends StampedEvent {
  /** 32 hex digits. */
  readonly stream: string
  readonly sequence: number
}

/**
 * The body of an event without its seal. Ten names are always there, null when nothing is known; the others only when set.
 *
 * @throws TypeError when a field is not of its type: nothing but the listed fields can enter the trail.
 */
export function encodeEvent(record: AuditRecord): Buffer {
  return utf8Bytes(eventText(record))
}

/** The same as text. */
export function eventText({ event, at, stream, sequence }: AuditRecord): string {
  // JSON.stringify leaves out what is undefined and keeps this order.
  return JSON.stringify({
    timestamp: at.toISOString(),
    event_type: listed(event.action, actions),
    user_id: textOf(event.principal),
    secret_name: optionalText(event.name) ?? null,
    operation: textOf(event.operation),
    source_ip: optionalText(event.sourceIp) ?? null,
    user_agent: optionalText(event.userAgent) ?? null,
    success: event.outcome === 'allowed',
    encryption_key_version: optionalText(event.keyId) ?? null,
    correlation_id: optionalText(event.correlationId) ?? null,
    stream: textOf(stream),
    sequence: count(sequence),
    outcome: listed(event.outcome, outcomes),
    roles: event.roles?.map(textOf),
    owner: optionalText(event.owner),
    server: optionalText(event.server),
    secret_id: optionalText(event.secretId),
    version: optionalCount(event.version),
    grantee: optionalText(event.grantee),
    count: optionalCount(event.count),
    error_code: event.errorCode === undefined ? undefined : listed(event.errorCode, errorCodes),
    deployment_id: optionalText(event.deploymentId),
    reason: optionalText(event.reason),
    duration_ms: optionalDuration(event.durationMs),
    key_age_ms: optionalCount(event.keyAgeMs),
    envelope_digest: optionalText(event.envelopeDigest),
    hidden: optionalTrue(event.hidden),
  })
}

/**
 * Reads a body whose mac has proven that a vault wrote it. Fields of a later release are ignored, so that an
 * older release can still verify its trail.
 */
export function readEvent(text: string): AuditRecord | undefined {
  const fields = parseObject(text)
  if (fields === undefined) return undefined
  const action = actions.get(fields['event_type'])
  const outcome = outcomes.get(fields['outcome'])
  const { timestamp, user_id: principal, operation, stream, sequence } = fields
  if (action === undefined || outcome === undefined || typeof timestamp !== 'string') return undefined
  if (typeof principal !== 'string' || typeof operation !== 'string' || typeof stream !== 'string') return undefined
  const at = new Date(timestamp)
  if (!isCount(sequence) || Number.isNaN(at.getTime())) return undefined
  const event: Mutable<AuditEvent> = { action, outcome, operation, principal }
  for (const [field, key] of textFields) {
    const value = fields[key]
    if (typeof value === 'string') event[field] = value
  }
  for (const [field, key, isNumber] of numberFields) {
    const value = fields[key]
    if (isNumber(value)) event[field] = value
  }
  const errorCode = errorCodes.get(fields['error_code'])
  if (errorCode !== undefined) event.errorCode = errorCode
  if (fields['hidden'] === true) event.hidden = true
  const roles = fields['roles']
  if (Array.isArray(roles) && roles.every(isText)) event.roles = roles
  return { event, at, stream, sequence }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

const outcomeNames = ['allowed', 'denied', 'missing', 'failed', 'intent'] as const
const actions = new Map<unknown, AuditEvent['action']>(auditActions.map((action) => [action, action]))
const outcomes = new Map<unknown, AuditEvent['outcome']>(outcomeNames.map((outcome) => [outcome, outcome]))
const errorCodes = new Map<unknown, NonNullable<AuditEvent['errorCode']>>(vaultErrorCodes.map((code) => [code, code]))

const textFields = [
  ['name', 'secret_name'],
  ['sourceIp', 'source_ip'],
  ['userAgent', 'user_agent'],
  ['keyId', 'encryption_key_version'],
  ['correlationId', 'correlation_id'],
  ['owner', 'owner'],
  ['server', 'server'],
  ['secretId', 'secret_id'],
  ['grantee', 'grantee'],
  ['deploymentId', 'deployment_id'],
  ['reason', 'reason'],
  ['envelopeDigest', 'envelope_digest'],
] as const

const numberFields = [
  ['version', 'version', isCount],
  ['count', 'count', isCount],
  ['durationMs', 'duration_ms', isDuration],
  ['keyAgeMs', 'key_age_ms', isCount],
] as const

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function isDuration(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value < Number.POSITIVE_INFINITY
}

function textOf(value: unknown): string {
  if (isText(value)) return value
  throw new TypeError('A field of an audit event is not a string.')
}

function optionalText(value: unknown): string | undefined {
  return value === undefined ? undefined : textOf(value)
}

function count(value: unknown): number {
  if (isCount(value)) return value
  throw new TypeError('A field of an audit event is not a whole number.')
}

function optionalCount(value: unknown): number | undefined {
  return value === undefined ? undefined : count(value)
}

function optionalDuration(value: unknown): number | undefined {
  if (value === undefined || isDuration(value)) return value
  throw new TypeError('The duration of an audit event is not a number of milliseconds.')
}

function optionalTrue(value: unknown): true | undefined {
  if (value === undefined || value === true) return value
  throw new TypeError('A mark of an audit event is not true.')
}

function listed<T>(value: unknown, names: ReadonlyMap<unknown, T>): T {
  const name = names.get(value)
  if (name !== undefined) return name
  throw new TypeError('A field of an audit event is not one of its fixed names.')
}
