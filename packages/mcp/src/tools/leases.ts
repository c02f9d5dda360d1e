// The values of one call: read for its principal, checked against their declarations, and wiped at its end.
import { inspect } from 'node:util'
import type { SecretValue, VaultSession } from '@mcpvault/core'
import type { MissingReason, MissingSecret } from '../errors.ts'
import { reasonOf } from '../missing.ts'
import type { Redactor } from '../redact/index.ts'
import { registerSecret } from '../redaction.ts'
import type { FieldsSchema, LeasedSecret, ParsedDeclaration } from './declarations.ts'
import type { Lifetime } from './lifetime.ts'

export interface LeaseParts {
  readonly session: VaultSession
  readonly lifetime: Lifetime
  readonly redactor: Redactor
}

/** Either the value, undefined for an optional one that is not there, or why it cannot be used. */
export type Finding = { readonly lease: LeasedSecret<unknown> | undefined } | { readonly missing: MissingSecret }

/** Reads one declared secret. Errors that are not about this one secret, such as a store that is away, are thrown. */
export async function leaseSecret(parts: LeaseParts, declaration: ParsedDeclaration): Promise<Finding> {
  const { session, lifetime } = parts
  const { key, server, name, need } = declaration
  const owner = declaration.owner ?? session.principal.id
  const missing = (reason: MissingReason, fields?: readonly string[]): Finding => ({
    missing: { key, owner, server, name, reason, ...(fields === undefined ? {} : { fields }) },
  })
  lifetime.requireRunning()
  const value = await read(parts, { owner, server, name })
  if (typeof value === 'string') return missing(value)
  if (value === undefined) return need === 'optional' ? { lease: undefined } : missing('missing')
  lifetime.atEnd(() => value.dispose())
  lifetime.requireRunning()
  lifetime.atEnd(await registerSecret(parts.redactor, { server, name, value }))
  lifetime.requireRunning()
  const fields = await checkedFields(value, declaration.fields)
  return fields.kind === 'wrong'
    ? missing('malformed', fields.paths)
    : { lease: leaseOf(value, { server, name, fields, lifetime }) }
}

interface Ref {
  readonly owner: string
  readonly server: string
  readonly name: string
}

async function read({ session, lifetime }: LeaseParts, ref: Ref): Promise<SecretValue | MissingReason | undefined> {
  const { owner, server, name } = ref
  try {
    return await session.scope({ owner, server }).get(name, { signal: lifetime.signal })
  } catch (error) {
    const reason = reasonOf(error)
    if (reason === undefined) throw error
    return reason
  }
}

type Fields =
  | { readonly kind: 'as-stored' }
  | { readonly kind: 'checked'; readonly output: unknown }
  | { readonly kind: 'wrong'; readonly paths: readonly string[] }

/** Of what is wrong only the names of fields are kept: a message of the schema may repeat a value. */
async function checkedFields(value: SecretValue, schema: FieldsSchema | undefined): Promise<Fields> {
  if (schema === undefined) return { kind: 'as-stored' }
  if (value.encoding !== 'fields') return { kind: 'wrong', paths: [] }
  const result = await schema['~standard'].validate(value.fields())
  if (result.issues === undefined) return { kind: 'checked', output: result.value }
  const paths = result.issues.flatMap(({ path }) => path?.slice(0, 1) ?? [])
  const names = paths.map((each) => String(typeof each === 'object' ? each.key : each))
  return { kind: 'wrong', paths: [...new Set(names)] }
}

const mask = '[secret]'

interface LeaseFacts {
  readonly server: string
  readonly name: string
  readonly fields: Fields
  readonly lifetime: Lifetime
}

function leaseOf(value: SecretValue, { server, name, fields, lifetime }: LeaseFacts): LeasedSecret<unknown> {
  let held: Fields | undefined = fields
  const dispose = (): void => {
    held = undefined
    value.dispose()
  }
  const lease = {
    server,
    name,
    encoding: value.encoding,
    version: value.version,
    reveal: () => value.reveal(),
    // Read from the value each time, which throws when the call has ended.
    fields: () => {
      const stored = value.fields()
      return held?.kind === 'checked' ? held.output : stored
    },
    use: <T>(fn: (bytes: Uint8Array) => T | PromiseLike<T>) =>
      value.use(async (bytes) => {
        const forget = lifetime.atEnd(() => bytes.fill(0))
        try {
          return await fn(bytes)
        } finally {
          forget()
        }
      }),
    dispose,
    [Symbol.dispose]: dispose,
    toString: () => mask,
    toJSON: () => mask,
    [Symbol.toPrimitive]: () => mask,
    [inspect.custom]: () => mask,
    [Symbol.for('mcpvault.SecretValue')]: true,
  } satisfies LeasedSecret<unknown> & Record<PropertyKey, unknown>
  return Object.freeze(lease)
}
