// The secrets that a tool declares: the types that follow from them, and the check of what was written.
import { type SecretValue, VaultError } from '@mcpvault/core'

/** Any Standard Schema, such as one of zod 3.24 or newer: `z.object({ user: z.string(), password: z.string() })`. */
export interface FieldsSchema<T = unknown> {
  readonly '~standard': {
    readonly validate: (value: unknown) => FieldsResult | Promise<FieldsResult>
    readonly types?: { readonly output: T } | undefined
  }
}

type FieldsResult =
  | { readonly value: unknown; readonly issues?: undefined }
  | {
      readonly issues: readonly {
        readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
      }[]
    }

/** One declared secret. */
export interface SecretDeclaration {
  /** The MCP server that it is for. */
  readonly server: string
  /** Its name; the key of the declaration by default. */
  readonly name?: string
  /** Whose it is, when it is shared with the principal; the principal's own by default. */
  readonly owner?: string
  /** What its fields must be. Without a schema the fields are strings. */
  readonly fields?: FieldsSchema
  /** When the secret is not there, the handler gets undefined instead of the call being refused. */
  readonly optional?: true
}

/** Declared secrets by the names that the handler has for them. A text is the server, with the key as the name. */
export type SecretDeclarations = Readonly<Record<string, string | SecretDeclaration>>

/**
 * A secret's value for one call. It prints as `[secret]`; when the call has ended its bytes are zeros, and reading it
 * throws `VAULT_CLOSED`.
 */
export interface LeasedSecret<Fields = Readonly<Record<string, string>>> extends Omit<SecretValue, 'fields'> {
  readonly server: string
  readonly name: string
  /** The fields, as the declaration's schema gives them. Throws `VAULT_NOT_SUPPORTED` for a value without fields. */
  fields(): Fields
}

type FieldsOf<D> = D extends { readonly fields: { readonly '~standard': { readonly types?: infer T } } }
  ? NonNullable<T> extends { readonly output: infer Output }
    ? Output
    : Readonly<Record<string, string>>
  : Readonly<Record<string, string>>

/** What the handler gets for one declaration. */
export type LeasedOf<D> = D extends { readonly optional: true }
  ? LeasedSecret<FieldsOf<D>> | undefined
  : LeasedSecret<FieldsOf<D>>

/** What the handler gets for all of them. */
export type LeasedSecrets<S> = { readonly [K in keyof S]: LeasedOf<S[K]> }

/** A declaration with its defaults, but for the owner. */
export interface ParsedDeclaration {
  readonly key: string
  readonly server: string
  readonly name: string
  readonly owner: string | undefined
  readonly fields: FieldsSchema | undefined
  readonly need: 'required' | 'optional'
}

/** Throws `VAULT_CONFIG_INVALID`, which names the declaration. */
export function parseDeclarations(given: unknown): readonly ParsedDeclaration[] {
  if (typeof given !== 'object' || given === null) throw new TypeError('secrets must be an object')
  return Object.entries(given).map(([key, declaration]) => parseDeclaration(key, declaration))
}

/** One declaration, under the key that errors call it by. */
export function parseDeclaration(key: string, given: unknown): ParsedDeclaration {
  const field = `secrets.${key}`
  if (typeof given === 'string') return parseDeclaration(key, { server: given })
  if (typeof given !== 'object' || given === null) throw new TypeError(`${field} must be a text or an object`)
  const { server, name = key, owner, fields, optional, ...rest }: Record<string, unknown> = { ...given }
  const [unknown] = Object.keys(rest)
  if (unknown !== undefined) throw invalid(`${field}.${unknown}`, 'There is no such option.')
  return {
    key,
    server: text(server, `${field}.server`),
    name: text(name, `${field}.name`),
    owner: owner === undefined ? undefined : text(owner, `${field}.owner`),
    fields: fields === undefined ? undefined : schema(fields, `${field}.fields`),
    need: optional === true ? 'optional' : 'required',
  }
}

function text(value: unknown, field: string): string {
  if (typeof value === 'string' && value !== '') return value
  throw invalid(field, 'must be a text that is not empty.')
}

function schema(value: unknown, field: string): FieldsSchema {
  if (isSchema(value)) return value
  throw invalid(field, 'must be a schema, such as one of zod.')
}

function isSchema(value: unknown): value is FieldsSchema {
  const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function'
  if (!isObject || !('~standard' in value)) return false
  const standard = value['~standard']
  return typeof standard === 'object' && standard !== null && 'validate' in standard
}

function invalid(field: string, detail: string): VaultError {
  return new VaultError('VAULT_CONFIG_INVALID', { field, detail })
}
