// Wraps the handler of a tool: its secrets are read for the caller, live for one call, and are in nothing that it returns.
import { type Vault, VaultError } from '@mcpvault/core'
import { redactorOf } from '../redaction.ts'
import type { ArgsOf, SecretHandler, ToolCall, ToolResult, WithSecretsOptions } from './call.ts'
import { parseDeclarations, type SecretDeclarations } from './declarations.ts'
import type { ToolExtra } from './extra.ts'
import type { ToolRefusal } from './failures.ts'
import { type CalledWith, type CallPlan, runCall } from './run-call.ts'

/**
 * Wraps the handler of a tool, for `registerTool` of `@modelcontextprotocol/sdk` 1.x and `@modelcontextprotocol/server`
 * 2.x. The declared secrets of the caller are read from the vault for each call. When the call settles, is cancelled or
 * reaches its time limit their bytes are zeros, and reading them throws `VAULT_CLOSED`. Results, errors, notifications and
 * requests to the client are searched for them.
 *
 * A call that is refused is a result with `isError`, whose text begins with a code: `MCP_PRINCIPAL_MISSING`,
 * `MCP_SECRET_MISSING`, `MCP_CALL_TIMED_OUT`, or that of a `VaultError`. Other errors of the handler are thrown on,
 * without values. Throws `VAULT_CONFIG_INVALID` for declarations and options that make no sense.
 *
 * @example
 * ```ts
 * server.registerTool(
 *   'whoami',
 *   { description: 'Says who you are.' },
 *   withSecrets(vault, { secrets: { token: 'github' } }, async (_args, { secrets, signal }) => {
 *     const headers = { authorization: `Bearer ${secrets.token.reveal()}` }
 *     const response = await fetch('https://api.github.com/user', { headers, signal })
 *     return { content: [{ type: 'text', text: await response.text() }] }
 *   }),
 * )
 * ```
 */
export function withSecrets<
  const Secrets extends SecretDeclarations,
  Args = undefined,
  Extra = ToolExtra,
  Result extends ToolResult = never,
>(
  vault: Vault,
  options: WithSecretsOptions<Secrets>,
  handler: (args: ArgsOf<Args>, call: ToolCall<Secrets, Extra>) => Result | Promise<Result>,
): SecretHandler<Args, Extra, Result> {
  const plan = parsePlan(vault, options)
  const work = ({ args, call }: CalledWith): unknown =>
    // The SDK has checked the arguments, and the call has the secrets of these declarations.
    handler(args as ArgsOf<Args>, call as ToolCall<Secrets, Extra>)
  return async (...given) => {
    const [args, extra] = given.length === 1 ? [{}, given[0]] : given
    // What an SDK gives is looked at part by part; what comes back is the handler's, or what `onMissing` has for it.
    return runCall(plan, { args, extra: extra as ToolExtra, work }) as Promise<Result | ToolRefusal>
  }
}

function parsePlan(vault: Vault, options: WithSecretsOptions<unknown>): CallPlan {
  const { timeoutMs = 300_000, redactor = redactorOf(vault) } = options
  if (!Number.isInteger(timeoutMs) || timeoutMs < 1 || timeoutMs > 86_400_000) {
    throw new VaultError('VAULT_CONFIG_INVALID', { field: 'timeoutMs', detail: 'must be 1 to 86,400,000.' })
  }
  return { vault, declarations: parseDeclarations(options.secrets), options, timeoutMs, redactor }
}
