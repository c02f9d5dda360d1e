// Owners, servers, names and principals: 1 to 256 bytes of well-formed UTF-8 without control characters.
import {
  type CallContext,
  defaultServer,
  ownOptions,
  type Principal,
  type Scope,
  vaultItself,
} from '../../contracts/index.ts'
import { VaultError } from '../../errors/index.ts'
import { parseObject, parseOptional, parseString, parseStrings } from './shapes.ts'
import { refuseUnknown } from './unknown.ts'

const maxNameBytes = 256
const plainName = /^[\x21-\x7e]{1,256}$/
// The C0 and C1 control characters and DEL.
const controlCharacter = /[\u0000-\u001f\u007f-\u009f]/

/** A name that may be shown and compared. Throws `VAULT_REF_INVALID`. */
export function parseName(value: unknown, field: string): string {
  const name = parseString(value, field)
  if (plainName.test(name)) return name
  const problem = nameProblem(name)
  if (problem !== undefined) throw new VaultError('VAULT_REF_INVALID', { detail: problem, field })
  return name
}

function nameProblem(name: string): string | undefined {
  if (name === '') return 'must not be empty.'
  if (name.length > maxNameBytes || Buffer.byteLength(name, 'utf8') > maxNameBytes)
    return 'must be at most 256 bytes of UTF-8.'
  if (!name.isWellFormed()) return 'must be well-formed text, without lone surrogates.'
  return controlCharacter.test(name) ? 'must have no control character.' : undefined
}

/**
 * The name of a principal, an owner or a grantee. The vault's own name and the pseudonyms that stand for erased users are
 * reserved: a login with one would be shown events that are not its own. Throws `VAULT_REF_INVALID`.
 */
export function parseUser(value: unknown, field: string): string {
  const user = parseName(value, field)
  if (user !== vaultItself && !pseudonym.test(user)) return user
  throw new VaultError('VAULT_REF_INVALID', { detail: 'must not be a name that the vault uses itself.', field })
}

// As `pseudonymOf` makes them.
const pseudonym = /^erased-[0-9a-f]{16}$/

/** The name of a secret within its scope. Throws `VAULT_REF_INVALID`. */
export function parseSecretName(value: unknown): string {
  const name = parseName(value, 'name')
  if (/[/*@]/.test(name)) {
    throw new VaultError('VAULT_REF_INVALID', { detail: 'must have no "/", "*" or "@".', field: 'name' })
  }
  if (name === '.' || name === '..') {
    throw new VaultError('VAULT_REF_INVALID', { detail: 'must not be "." or "..".', field: 'name' })
  }
  return name
}

/** A list of 1 to 1,000 strings without repeats, each still to be parsed as a name. */
export function parseNameList(value: unknown): readonly string[] {
  const names = parseStrings(value, 'names')
  if (names.length === 0 || names.length > 1_000) {
    throw new VaultError('VAULT_REF_INVALID', { detail: 'must have 1 to 1,000 entries.', field: 'names' })
  }
  return [...new Set(names)]
}

/** Owner and server; the owner defaults to the principal, the server to `default`. */
export function parseScope(value: unknown, principal: Principal): Scope {
  const given = parseOptional(value, 'scope')
  refuseUnknown(given, ['owner', 'server'], 'scope')
  return {
    owner: given['owner'] === undefined ? principal.id : parseUser(given['owner'], 'owner'),
    server: given['server'] === undefined ? defaultServer : parseName(given['server'], 'server'),
  }
}

/** The principal, copied and frozen. It has no prototype, so that it has no role but its own. */
export function parsePrincipal(value: unknown): Principal {
  const given = parseObject(value, 'principal')
  refuseUnknown(given, ['id', 'roles'], 'principal')
  const id = parseUser(given['id'], 'principal.id')
  if (given['roles'] === undefined) return Object.freeze(ownOptions({ id }))
  const roles = parseStrings(given['roles'], 'principal.roles').map((role) => parseName(role, 'principal.roles'))
  if (roles.length > 100) {
    throw new VaultError('VAULT_REF_INVALID', {
      detail: 'must have at most 100 entries.',
      field: 'principal.roles',
    })
  }
  return Object.freeze(ownOptions({ id, roles: Object.freeze(roles) }))
}

const contextFields = ['correlationId', 'sourceIp', 'userAgent', 'deploymentId', 'reason'] as const

/**
 * Facts about the call, each checked like a name, without a prototype; a user agent and a correlation id are cut to fit,
 * since clients choose them.
 */
export function parseContext(value: unknown): CallContext {
  const given = parseOptional(value, 'context')
  refuseUnknown(given, contextFields, 'context')
  const entries = contextFields
    .filter((field) => given[field] !== undefined)
    .map((field) => [field, parseContextField(field, given[field])] as const)
  return Object.freeze(ownOptions(Object.fromEntries(entries)))
}

function parseContextField(field: (typeof contextFields)[number], value: unknown): string {
  if (field === 'correlationId') return parseCorrelationId(value)
  if (field === 'userAgent') return parseName(printable(parseString(value, field)), field)
  const text = parseName(value, field)
  if (field === 'sourceIp' && !isAddress(text)) {
    throw new VaultError('VAULT_REF_INVALID', { detail: 'must be an IPv4 or IPv6 address.', field })
  }
  return text
}

/** A correlation id as it is kept: one that is no name is made to fit like a user agent, since clients choose it too. */
export function parseCorrelationId(value: unknown): string {
  const id = parseString(value, 'correlationId')
  return nameProblem(id) === undefined ? id : printable(id)
}

function isAddress(text: string): boolean {
  // Loaded at the first use: an import would slow the start of every process.
  return process.getBuiltinModule('node:net').isIP(text) !== 0
}

function printable(text: string): string {
  const ascii = text.replace(/[^\x20-\x7e]/g, '?').slice(0, maxNameBytes)
  return ascii === '' ? '-' : ascii
}
