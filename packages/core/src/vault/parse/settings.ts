// The settings of a secret beside its value: type, tier, description, tags, expiry, and the version expected.
import type { Tier } from '../../contracts/index.ts'
import { VaultError } from '../../errors/index.ts'
import { parseHosts } from './hosts.ts'
import { parseName } from './names.ts'
import { parseDate, parseInteger, parseOptional, parseSignal, parseString, parseStrings } from './shapes.ts'
import { refuseUnknown } from './unknown.ts'

/** What may be set beside a value. What is absent stays as it is; null takes a setting away that may be absent. */
export interface SecretSettings {
  /** `api_key`, `database_url`, `jwt_secret`, `custom` (the default), or a type registered with the vault. */
  readonly type?: string
  /** 1 critical, 2 sensitive (the default), 3 internal. */
  readonly tier?: Tier
  /** At most 1,024 bytes. Refused when it contains the value, or that of a version that is kept. */
  readonly description?: string | null
  /** At most 64, each 1 to 256 bytes; kept sorted and without repeats. */
  readonly tags?: readonly string[]
  /** An instant in the future. A past expiry does not carry over to a new value. */
  readonly expiresAt?: Date | null
  /**
   * The hosts that the secret may be sent to, 1 to 64: `api.example.com`, `*.example.com`, each with a port or without.
   * Under the seal of the record. The vault sends nothing itself: ask `matchHost` before you send.
   */
  readonly hosts?: readonly string[] | null
  /** Until when the value works, such as an access token; `renew` asks for another one before. Holds for one version. */
  readonly freshUntil?: Date | null
}

/** Options of a write. */
export interface WriteOptions {
  /** The version that must be current: 0 when there must be no such secret. Otherwise `VAULT_CONFLICT`. */
  readonly ifVersion?: number
  /**
   * The `revision` that must be current, so that a change of settings, state or grants counts too: 0 when there must be
   * no such secret. Otherwise `VAULT_CONFLICT`.
   */
  readonly ifRevision?: number
  readonly signal?: AbortSignal | undefined
}

/** Options of `set`. */
export interface SetOptions extends SecretSettings, WriteOptions {}

/** Checked options of a write. */
export interface ParsedWrite {
  readonly ifVersion: number | undefined
  readonly ifRevision: number | undefined
  readonly signal: AbortSignal | undefined
}

/** Checked settings. */
export interface ParsedSettings extends ParsedWrite {
  readonly type: string | undefined
  readonly tier: Tier | undefined
  readonly description: string | null | undefined
  readonly tags: readonly string[] | undefined
  readonly expiresAt: Date | null | undefined
  readonly hosts: readonly string[] | null | undefined
  readonly freshUntil: Date | null | undefined
}

/** What settings are checked against. */
export interface SettingsRules {
  readonly types: ReadonlySet<string>
  readonly now: Date
}

const settingNames = ['type', 'tier', 'description', 'tags', 'expiresAt', 'hosts', 'freshUntil'] as const
export const writeNames = ['ifVersion', 'ifRevision', 'signal'] as const

/** Checks the options of a write that takes settings. */
export function parseSettings(value: unknown, rules: SettingsRules): ParsedSettings {
  const given = parseOptional(value, 'options')
  refuseUnknown(given, [...settingNames, ...writeNames], 'options')
  const { type, tier, description, tags, expiresAt, hosts, freshUntil } = given
  return {
    type: type === undefined ? undefined : parseType(type, rules.types),
    tier: tier === undefined ? undefined : parseTier(tier),
    description: description === undefined || description === null ? description : parseDescription(description),
    tags: tags === undefined ? undefined : parseTags(tags),
    expiresAt: expiresAt === undefined || expiresAt === null ? expiresAt : parseExpiry(expiresAt, rules.now),
    hosts: hosts === undefined || hosts === null ? hosts : parseHosts(hosts),
    freshUntil: freshUntil === undefined || freshUntil === null ? freshUntil : parseFreshUntil(freshUntil),
    ...parseWrite(given),
  }
}

/** Checks the options of a write without settings. */
export function parseWriteOptions(value: unknown): ParsedWrite {
  const given = parseOptional(value, 'options')
  refuseUnknown(given, writeNames, 'options')
  return parseWrite(given)
}

/** What every write takes. */
export function parseWrite(given: Readonly<Record<string, unknown>>): ParsedWrite {
  return {
    ifVersion: parseExpected(given['ifVersion'], 'ifVersion'),
    ifRevision: parseExpected(given['ifRevision'], 'ifRevision'),
    signal: parseSignal(given['signal']),
  }
}

function parseExpected(value: unknown, field: 'ifVersion' | 'ifRevision'): number | undefined {
  if (value === undefined) return undefined
  const expected = parseInteger(value, field)
  if (expected < 0) throw invalid('must be 0 or more.', field)
  return expected
}

export function parseType(value: unknown, types: ReadonlySet<string>): string {
  const type = parseString(value, 'type')
  if (!types.has(type))
    throw invalid('must be a built-in type, or one of the types that createVault was given.', 'type')
  return type
}

export function parseTier(value: unknown): Tier {
  const tier = parseInteger(value, 'tier')
  if (tier === 1 || tier === 2 || tier === 3) return tier
  throw invalid('must be 1, 2 or 3.', 'tier')
}

function parseDescription(value: unknown): string {
  const description = parseString(value, 'description')
  if (!description.isWellFormed()) throw invalid('must be well-formed text, without lone surrogates.', 'description')
  if (Buffer.byteLength(description, 'utf8') > 1_024)
    throw invalid('must be at most 1,024 bytes of UTF-8.', 'description')
  return description
}

export function parseTags(value: unknown, field = 'tags'): readonly string[] {
  const tags = parseStrings(value, field).map((tag) => parseName(tag, field))
  if (tags.length > 64) throw invalid('must have at most 64 entries.', field)
  return [...new Set(tags)].sort()
}

function parseExpiry(value: unknown, now: Date): Date {
  const expiresAt = parseDate(value, 'expiresAt')
  if (expiresAt.getTime() <= now.getTime()) throw invalid('must be in the future.', 'expiresAt')
  return expiresAt
}

export function parseFreshUntil(value: unknown): Date {
  const freshUntil = parseDate(value, 'freshUntil')
  if (freshUntil.getTime() < 0) throw invalid('must be after 1970.', 'freshUntil')
  return freshUntil
}

function invalid(detail: string, field: string): VaultError {
  return new VaultError('VAULT_VALUE_INVALID', { detail, field })
}
