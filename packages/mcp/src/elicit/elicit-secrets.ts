// Asks users for missing secrets: a link for the client of a tool call, and the page behind it.
import type { WithSecretsOptions } from '../tools/call.ts'
import { askForSecrets } from './asking.ts'
import type { ElicitingServer } from './client.ts'
import { createCompletions } from './completions.ts'
import { type ElicitSecretsOptions, parseOptions } from './options.ts'
import { handlePage } from './page/handle.ts'
import { sharedState } from './shared-state.ts'

/** Answers the requests of browsers below `baseUrl`. Never rejects. */
export type ElicitHandler = (request: Request) => Promise<Response>

export interface Elicitation {
  /**
   * For the option `onMissing` of `withSecrets`. Give it the `McpServer` that the tool is registered on, from which it knows
   * what the client can do; without one, clients of revisions before 2026-07-28 get the link as text.
   */
  onMissing(server?: ElicitingServer): NonNullable<WithSecretsOptions<unknown>['onMissing']>
  readonly handler: ElicitHandler
}

/**
 * Lets users type in what a tool is missing, on a page of the vault, and goes on with the call. The client gets a link: by
 * the error -32042 or a request of revision 2025-11-25, by an `InputRequiredResult` of revision 2026-07-28, or as text when
 * it cannot open one. A link is sealed, works once and for `ttlMs`, and only for the principal of the call. All processes
 * that share the vault share the links, also after a restart. Throws `VAULT_CONFIG_INVALID`, which names the option.
 *
 * @example
 * ```ts
 * const { onMissing, handler } = elicitSecrets({
 *   vault,
 *   baseUrl: 'https://app.example.com/connect',
 *   principalOfBrowser: (request) => userOf(request),
 *   presets: { 'github/token': 'github-fine-grained-token' },
 * })
 * app.use('/connect', toExpress(handler))
 * server.registerTool('whoami', {}, withSecrets(vault, { secrets: { token: 'github' }, onMissing: onMissing(server) }, whoami))
 * ```
 */
export function elicitSecrets(options: ElicitSecretsOptions): Elicitation {
  const config = parseOptions(options)
  const parts = { config, state: sharedState(config), completions: createCompletions(config.clock) }
  return {
    onMissing: (server) => (missing, call) => askForSecrets({ parts, server, missing, call }),
    handler: (request) => handlePage(parts, request),
  }
}
