// oauthRefresh: the function that `renew` of a vault takes for OAuth tokens.

import { setTimeout as wait } from 'node:timers/promises'
import { type RenewedValue, type RenewFunction, type SecretValue, VaultError } from '@mcpvault/core'
import { backOffMs } from '@mcpvault/core/adapter'
import * as oauth4 from 'oauth4webapi'
import { freshUntilOf, type OAuthCredential, parseCredential, withoutAbsent } from './credentials.ts'
import type { EndpointOptions } from './endpoint.ts'
import { tokenFields } from './token-answer.ts'
import { type Answered, askForTokens, renewalFailed, tokenClient } from './token-request.ts'

/** Options of `oauthRefresh`. */
export interface OAuthRefreshOptions extends EndpointOptions {
  /** How often to ask in all, when the endpoint answers 429 or 5xx. Default 3. */
  readonly attempts?: number
}

/**
 * Refreshes a credential that `oauth()` made: `scope.renew(name, oauthRefresh())`. Sends the refresh token to the token
 * endpoint of the credential alone, never over a redirect. Answers 429 and 5xx are asked again, as `Retry-After` says or
 * with back-off, for as long as `renew` gives; then the old token stays in use for as long as it works. An answer
 * `invalid_grant`, or a credential without a refresh token, is `VAULT_SIGN_IN_REQUIRED`; every other failure
 * `VAULT_RENEWAL_FAILED`.
 *
 * @example
 * const answer = { access_token: 'a token', refresh_token: 'another', expires_in: 3600 }
 * const refresh = { token_endpoint: 'https://login.example.com/token', client_id: 'my-server' }
 * const { value, settings } = oauth({ answer, refresh, hosts: ['api.example.com'] })
 * await github.set('oauth', value, settings)
 * const token = await github.renew('oauth', oauthRefresh())
 * console.log(token?.fields()['token_type'], token?.version)
 */
export function oauthRefresh(options: OAuthRefreshOptions = {}): RenewFunction {
  const { attempts = 3 } = options
  if (!Number.isSafeInteger(attempts) || attempts < 1 || attempts > 10)
    throw new VaultError('VAULT_CONFIG_INVALID', { field: 'attempts', detail: 'must be an integer from 1 to 10.' })
  return async (value, { signal, deadlineMs }) => {
    const credential = oauthCredential(value)
    const endsMs = performance.now() + deadlineMs
    for (let count = 1; ; count++) {
      const answered = await refreshOnce(credential, signal, options)
      switch (answered.kind) {
        case 'tokens':
          return renewed(credential, answered)
        case 'refused':
          throw new VaultError('VAULT_SIGN_IN_REQUIRED')
        case 'failed':
          throw answered.error
        case 'busy': {
          const afterMs = answered.afterMs ?? 100 + backOffMs(count + 8, { maxMs: 1_000 })
          if (count >= attempts || performance.now() + afterMs >= endsMs) throw renewalFailed(busy, 'transient')
          await wait(afterMs, undefined, { signal })
        }
      }
    }
  }
}

const busy = 'The token endpoint could not answer now.'

/** The credential. Throws unless it is one of OAuth. */
function oauthCredential(value: SecretValue): OAuthCredential {
  const credential = parseCredential(value.fields())
  if (credential.kind === 'oauth') return credential
  throw new VaultError('VAULT_NOT_SUPPORTED', { detail: 'Only a credential of the kind oauth can be refreshed.' })
}

async function refreshOnce(
  credential: OAuthCredential,
  signal: AbortSignal,
  options: EndpointOptions,
): Promise<Answered> {
  const { refresh_token, token_endpoint, client_id, refresh_scope, resource } = credential
  if (refresh_token === undefined || token_endpoint === undefined || client_id === undefined) return { kind: 'refused' }
  const { server, client, authentication, request } = tokenClient(
    { ...credential, token_endpoint, client_id },
    signal,
    options,
  )
  const additionalParameters = withoutAbsent({ scope: refresh_scope, resource })
  return askForTokens(
    () =>
      oauth4.refreshTokenGrantRequest(server, client, authentication, refresh_token, {
        ...request,
        additionalParameters,
      }),
    (response) => oauth4.processRefreshTokenResponse(server, client, response),
  )
}

/** The old fields with what the answer gives: a refresh token that it does not give is still the one to use. */
function renewed(credential: OAuthCredential, { answer }: Extract<Answered, { kind: 'tokens' }>): RenewedValue {
  const { expires_at, ...given } = tokenFields(answer, new Date())
  const value = withoutAbsent({ ...withoutAbsent(credential), ...withoutAbsent(given), expires_at })
  return { value, freshUntil: freshUntilOf(expires_at) }
}
