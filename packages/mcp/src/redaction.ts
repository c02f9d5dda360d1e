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

/**
 * Makes a value known, and each of its fields. When the function that is given back is called it is no longer used; the
 * redactor knows it for its grace period more, since an answer may be logged later.
 */
export async function registerSecret(redactor: Redactor, { server, name, value }: UsedSecret): Promise<() => void> {
  const label = `${server}/${name}`
  const handles =
    value.encoding === 'fields'
      ? Object.entries(value.fields()).map(([field, text]) => redactor.add({ value: text, label: `${label}#${field}` }))
      : [await value.use((bytes) => redactor.add({ value: bytes, label }))]
  return () => {
    for (const each of handles) each.retire()
  }
}
