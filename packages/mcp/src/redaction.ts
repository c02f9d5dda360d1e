// The redactor that the values of a vault are known to, and how they get there.
import type { SecretValue, Vault } from '@mcpvault/core'
import { createRedactor, type Redactor } from './redact/index.ts'

const redactors = new WeakMap<Vault, Redactor>()

/**
 * The redactor that the tools of a vault use by default. Give it the console, pino or a stream of this process, so that
 * they know the same values.
 *
 * @example
 * ```ts
 * redactorOf(vault).wrapConsole(console)
 * ```
 */
export function redactorOf(vault: Vault): Redactor {
  const known = redactors.get(vault)
  if (known !== undefined) return known
  const redactor = createRedactor()
  redactors.set(vault, redactor)
  return redactor
}

/** A value in use. */
export interface UsedSecret {
  readonly server: string
  readonly name: string
  readonly value: SecretValue
}

/** By the kind of a credential, the fields that are no secret: a result that says "bearer" is not to lose the word. */
const openFields: ReadonlyMap<string | undefined, string> = new Map([
  ['bearer', 'kind'],
  ['basic', 'kind user'],
  ['api-key', 'kind in name'],
  ['env', 'kind variable'],
  ['oauth', 'kind token_type expires_at scope issuer token_endpoint client_id auth_method refresh_scope resource'],
])

/** The fields to look for. Those of a value that is no credential are all taken for secret. */
function secretFields(fields: Readonly<Record<string, string>>): readonly (readonly [field: string, text: string])[] {
  const open = openFields.get(fields['kind'])?.split(' ') ?? []
  return Object.entries(fields).filter(([field]) => !open.includes(field))
}

/**
 * Makes a value known, and each of its secret fields. When the function that is given back is called it is no longer used; the
 * redactor knows it for its grace period more, since an answer may be logged later.
 */
export async function registerSecret(redactor: Redactor, { server, name, value }: UsedSecret): Promise<() => void> {
  const label = `${server}/${name}`
  const handles =
    value.encoding === 'fields'
      ? secretFields(value.fields()).map(([field, text]) => redactor.add({ value: text, label: `${label}#${field}` }))
      : [await value.use((bytes) => redactor.add({ value: bytes, label }))]
  return () => {
    for (const each of handles) each.retire()
  }
}
