// The options of a canary, and a value of the shape that it pretends to be.
import { randomBytes, randomInt } from 'node:crypto'
import { VaultError } from '../../errors/index.ts'
import { type ParsedSettings, parseSettings, type SecretSettings, type SettingsRules } from './settings.ts'
import { parseOptional } from './shapes.ts'
import { refuseUnknown } from './unknown.ts'
import { type ParsedValue, parseValue } from './value.ts'

/** What the value of a canary looks like. */
export type CanaryShape = 'api_key' | 'aws_access_key' | 'database_url' | 'github_token' | 'jwt'

/** Options of `canary`. */
export interface CanaryOptions extends SecretSettings {
  /** Default `api_key`. The type is that of the shape unless it is given. */
  readonly shape?: CanaryShape
  readonly signal?: AbortSignal | undefined
}

export interface ParsedCanary {
  readonly settings: ParsedSettings
  readonly value: ParsedValue
}

interface Shape {
  readonly type: string
  readonly make: (now: Date) => string
}

const digits = '0123456789'
const capitals = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
const letters = digits + capitals + capitals.toLowerCase()

/** No value has a character that JSON or a URL would escape, so that it stands in arguments as it is. */
const shapes: Readonly<Record<CanaryShape, Shape>> = {
  api_key: { type: 'api_key', make: () => `sk_live_${randomText(letters, 32)}` },
  aws_access_key: { type: 'api_key', make: () => `AKIA${randomText(`${capitals}234567`, 16)}` },
  database_url: {
    type: 'database_url',
    make: () => `postgres://app:${randomText(letters, 24)}@db-${randomText(digits, 4)}.internal:5432/app`,
  },
  github_token: { type: 'api_key', make: githubToken },
  jwt: { type: 'api_key', make: signedToken },
}

/** Checks the options of a canary, and makes its value. It is never put over another secret. */
export function parseCanary(value: unknown, rules: SettingsRules): ParsedCanary {
  const given = parseOptional(value, 'options')
  const known = ['shape', 'type', 'tier', 'description', 'tags', 'expiresAt', 'signal']
  refuseUnknown(given, known, 'options')
  const { shape = 'api_key', ...rest } = given
  const { type, make } = shapeNamed(shape)
  return {
    settings: { ...parseSettings({ type, ...rest }, rules), ifVersion: 0 },
    value: parseValue(make(rules.now), 1_024),
  }
}

function shapeNamed(name: unknown): Shape {
  for (const [known, shape] of Object.entries(shapes)) if (known === name) return shape
  throw new VaultError('VAULT_VALUE_INVALID', {
    field: 'shape',
    detail: `must be one of ${Object.keys(shapes).join(', ')}.`,
  })
}

function randomText(alphabet: string, length: number): string {
  return Array.from({ length }, () => alphabet.charAt(randomInt(alphabet.length))).join('')
}

/** With the checksum that scanners of tokens compute. */
function githubToken(): string {
  const text = randomText(letters, 30)
  let rest = crc32(text)
  let checksum = ''
  for (let length = 0; length < 6; length++) {
    checksum = letters.charAt(rest % letters.length) + checksum
    rest = Math.floor(rest / letters.length)
  }
  return `ghp_${text}${checksum}`
}

function crc32(text: string): number {
  let crc = -1
  for (const byte of Buffer.from(text)) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  return ~crc >>> 0
}

function signedToken(now: Date): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const header = part({ alg: 'HS256', typ: 'JWT' })
  const claims = part({ sub: randomText(digits, 8), role: 'service', iat: Math.floor(now.getTime() / 1_000) })
  return `${header}.${claims}.${randomBytes(32).toString('base64url')}`
}
