// The environment of a program that reads its secrets from there: the declared ones, and never a master key.
import type { SecretValue, VaultSession } from '@mcpvault/core'
import type { MissingReason, MissingSecret } from '../errors.ts'
import { missingError, reasonOf } from '../missing.ts'
import { isPendingName } from '../oauth/pending-name.ts'
import type { Redactor } from '../redact/index.ts'
import { type EnvDeclarations, freeVariableOf, planEnv, type Wanted } from './plan-env.ts'

export interface EnvOptions extends EnvDeclarations {
  /** Whose secrets, by `vault.as(principal)`. */
  readonly session: VaultSession
  /** Whose secrets, when they are shared with the principal. Default: the principal's own. */
  readonly owner?: string
  /** Gets to know the values. */
  readonly redactor?: Redactor
  readonly signal?: AbortSignal
}

/**
 * The environment with the declared secrets in it. Values that are references, `mcpvault://server/name[@version][#field]`,
 * are resolved; of a value with fields a reference names one, and `value` is the default. Of a `server` that is named
 * alone no secret becomes a variable that steers programs, such as `LD_PRELOAD`. Throws `MCP_SECRET_MISSING` with every
 * variable that has none, `VAULT_CONFIG_INVALID` for a malformed reference or name, and what `scope.get` throws.
 *
 * @example
 * ```ts
 * const env = await envFor({ session: vault.as({ id: 'alice' }), server: 'github', map: { GITHUB_TOKEN: 'token' } })
 * ```
 */
export async function envFor(options: EnvOptions): Promise<Record<string, string>> {
  const { session } = options
  const { plain, wanted, all } = planEnv(options)
  const found = await Promise.all(wanted.map((each) => resolve(options, each)))
  const missing = found.flatMap((each) => ('missing' in each ? [each.missing] : []))
  if (missing.length > 0) throw missingError(missing, { principalId: session.principal.id })
  const values = found.flatMap((each) => ('value' in each ? [[each.variable, each.value] as const] : []))
  const rest = all === 'none' ? [] : await allOfServer(options)
  return { ...plain, ...Object.fromEntries([...rest, ...values]) }
}

type Resolved = { readonly variable: string; readonly value: string } | { readonly missing: MissingSecret }

async function resolve(options: EnvOptions, { variable, server, name, version, field }: Wanted): Promise<Resolved> {
  const { session, owner = session.principal.id, signal } = options
  const missing = (reason: MissingReason, fields?: readonly string[]): Resolved => ({
    missing: { key: variable, owner, server, name, reason, ...(fields === undefined ? {} : { fields }) },
  })
  const read = { signal, ...(version === undefined ? {} : { version }) }
  let value: SecretValue | undefined
  try {
    value = await session.scope({ owner, server }).get(name, read)
  } catch (error) {
    const reason = reasonOf(error)
    if (reason === undefined) throw error
    return missing(reason)
  }
  if (value === undefined) return missing('missing')
  try {
    const text = await textOf(value, field)
    if (text === undefined) return missing('malformed', value.encoding === 'fields' ? [field ?? 'value'] : [])
    options.redactor?.add({ value: text, label: `${server}/${name}` })
    return { variable, value: text }
  } finally {
    value.dispose()
  }
}

/** What a variable can hold: text without NUL. */
async function textOf(value: SecretValue, field: string | undefined): Promise<string | undefined> {
  if (value.encoding !== 'fields' && field !== undefined) return undefined
  const text = value.encoding === 'fields' ? value.fields()[field ?? 'value'] : await utf8Of(value)
  return text?.includes('\0') ? undefined : text
}

function utf8Of(value: SecretValue): Promise<string | undefined> {
  return value.use((bytes) => {
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    } catch {
      return undefined
    }
  })
}

async function allOfServer(options: EnvOptions): Promise<readonly (readonly [string, string])[]> {
  const { session, owner = session.principal.id, server = '', signal } = options
  const { values, errors } = await session.scope({ owner, server }).getAll({ signal })
  try {
    const found: (readonly [string, string])[] = []
    const failed = [...errors].filter(([name]) => !isPendingName(name))
    const missing = failed.map(([name, error]) => ({ name, reason: reasonOf(error) ?? ('untrusted' as const) }))
    for (const [name, value] of values) {
      if (isPendingName(name)) continue
      const text = await textOf(value, undefined)
      if (text === undefined) missing.push({ name, reason: 'malformed' })
      else {
        options.redactor?.add({ value: text, label: `${server}/${name}` })
        found.push([freeVariableOf(name), text])
      }
    }
    const secrets = missing.map(({ name, reason }) => ({ key: name, owner, server, name, reason }))
    if (secrets.length > 0) throw missingError(secrets, { principalId: session.principal.id })
    return found
  } finally {
    for (const value of values.values()) value.dispose()
  }
}
