// What becomes of an error of the vault or of this package in a tool call: a result that names what is wrong.
import { isVaultError } from '@mcpvault/core'
import { isMcpVaultError } from '../errors.ts'

/** The result of a tool that was refused. The text begins with the code, so that a model and a log can tell it. */
export type ToolRefusal = {
  isError: true
  content: { type: 'text'; text: string }[]
  /** `mcpvault/code`, and for `MCP_SECRET_MISSING` also `mcpvault/missing`. */
  _meta: Record<string, unknown>
}

/** The result for an error of the vault or of this package, whose messages hold no value; undefined for any other. */
export function refusalOf(error: unknown): ToolRefusal | undefined {
  if (isMcpVaultError(error)) {
    const { code, message, missing } = error
    return refusal(code, message, missing === undefined ? {} : { 'mcpvault/missing': missing })
  }
  return isVaultError(error) ? refusal(error.code, error.message, {}) : undefined
}

function refusal(code: string, message: string, meta: Readonly<Record<string, unknown>>): ToolRefusal {
  const content = [{ type: 'text' as const, text: `${code}: ${message}` }]
  return { isError: true, content, _meta: { 'mcpvault/code': code, ...meta } }
}
