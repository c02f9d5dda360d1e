// finishSignIn: exchanges the code that the browser came back with, and stores the tokens in the vault.
import { type SecretInfo, type SecretScope, VaultError } from '@mcpvault/core'
import * as oauth4 from 'oauth4webapi'
import { oauth } from './credentials.ts'
import type { EndpointOptions } from './endpoint.ts'
import { limited, strange, takePending } from './pending-sign-in.ts'
import { askForTokens, tokenClient } from './token-request.ts'

/** Options of `finishSignIn`. */
export interface FinishOptions extends EndpointOptions {
  /** The whole URL with which the browser came back. */
  readonly callbackUrl: string | URL
  readonly signal?: AbortSignal
}

/**
 * Ends a sign-in of the same user: exchanges the code, and stores the tokens under the name that `startSignIn` was given,
 * for `renew` with `oauthRefresh()`. Tokens go to the vault alone. Each sign-in ends once. Throws `VAULT_VALUE_INVALID`
 * for a URL of no sign-in of this user in the last 10 minutes, `VAULT_SIGN_IN_REQUIRED` when the user or the server
 * refused, and `VAULT_RENEWAL_FAILED` when the server gave no tokens.
 *
 * @example
 * const finish = (callbackUrl: string) => finishSignIn(github, { callbackUrl })
 * await finish('https://app.example.com/callback?state=of-nobody').catch((error) => console.log(error.code))
 */
export async function finishSignIn(scope: SecretScope, options: FinishOptions): Promise<SecretInfo> {
  const callback = URL.canParse(String(options.callbackUrl)) ? new URL(options.callbackUrl) : undefined
  const state = callback?.searchParams.get('state')
  if (callback === undefined || state === null || state === undefined) throw strange()
  const signal = limited(options.signal)
  const pending = await takePending(scope, state, signal)
  const { issuer, authorization_endpoint, token_endpoint, client_id, client_secret, auth_method, resource } = pending
  const config = { issuer, token_endpoint, client_id, client_secret, auth_method, resource }
  const { client, authentication, request, ...found } = tokenClient(config, signal, options)
  const isIss = pending.issues_iss === 'true'
  const server = {
    ...found.server,
    authorization_endpoint,
    authorization_response_iss_parameter_supported: isIss,
  }
  const parameters = authorizationResponse(server, client, { callback, state })
  const answered = await askForTokens(
    () =>
      oauth4.authorizationCodeGrantRequest(
        server,
        client,
        authentication,
        parameters,
        pending.redirect_uri,
        pending.verifier,
        { ...request, additionalParameters: { resource } },
      ),
    (response) => oauth4.processAuthorizationCodeResponse(server, client, response),
  )
  if (answered.kind === 'failed') throw answered.error
  if (answered.kind === 'busy')
    throw new VaultError('VAULT_RENEWAL_FAILED', { detail: 'The token endpoint gave no tokens.' })
  if (answered.kind === 'refused') throw new VaultError('VAULT_SIGN_IN_REQUIRED', { detail: refused })
  const { value, settings } = oauth({ answer: answered.answer, refresh: config, hosts: pending.hosts })
  // Without the signal: the code is spent, and what it gave must be stored.
  return scope.set(pending.name, value, settings)
}

const refused = 'The user or the authorization server refused the sign-in.'

function authorizationResponse(
  server: oauth4.AuthorizationServer,
  client: oauth4.Client,
  { callback, state }: { readonly callback: URL; readonly state: string },
): URLSearchParams {
  try {
    return oauth4.validateAuthResponse(server, client, callback, state)
  } catch {
    throw new VaultError('VAULT_SIGN_IN_REQUIRED', { detail: refused })
  }
}
