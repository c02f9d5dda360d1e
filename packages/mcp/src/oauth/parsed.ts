// Checks input by a schema. What is wrong is said by the name of the field, never by what was given.
import { VaultError } from '@mcpvault/core'
import type { z } from 'zod'

/** The parsed value. Throws `VAULT_VALUE_INVALID` with the path of the first field that is wrong. */
export function parsed<S extends z.ZodType>(schema: S, value: unknown, what: string): z.output<S> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const path = [what, ...(issue?.path ?? [])].filter((part) => typeof part === 'string').join('.')
  const detail =
    issue?.code === 'custom' ? issue.message : 'must be of the kind and form that the page of this package names.'
  throw new VaultError('VAULT_VALUE_INVALID', { field: path, detail })
}
