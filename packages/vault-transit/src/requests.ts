// Requests to the server: with the token in use, and once more with a new one when it is refused.
import type { CallOptions, Clock } from '@mcpvault/core'
import { isTransitFailure } from './failures.ts'
import { type Exchange, exchange, type Json, objectIn } from './http.ts'
import type { ServerSettings } from './server-options.ts'
import { heldToken } from './tokens.ts'

/** What is asked. */
export interface ServerRequest extends Pick<Exchange, 'operation' | 'path' | 'query' | 'body' | 'maxAnswerBytes'> {
  /** What follows a 403: a new token, unless the one in use is known to be good. Default `renew`. */
  readonly refusal?: 'renew' | 'final'
}

/** Sends a request and gives `data` of the answer. Throws a `TransitFailure`, and what `fetch` throws. */
export type SendRequest = (request: ServerRequest, options: CallOptions | undefined) => Promise<Json>

export function requestSender(settings: ServerSettings, clock: Pick<Clock, 'monotonicMs'>): SendRequest {
  const { url, namespace, timeoutMs, fetch } = settings
  const tokens = heldToken(settings.token, { clock, timeoutMs })

  return async ({ refusal = 'renew', ...request }, options) => {
    const limit = AbortSignal.timeout(timeoutMs)
    const signal = options?.signal === undefined ? limit : AbortSignal.any([options.signal, limit])
    const sendWith = async (token: string): Promise<Json> =>
      objectIn((await exchange({ ...request, url, namespace, token, fetch, signal }))['data'])

    const token = await tokens.current(signal)
    try {
      return await sendWith(token)
    } catch (error) {
      if (!isTransitFailure(error) || error.status !== 403 || refusal === 'final') throw error
      // The token may have been revoked before its time.
      tokens.refused(token)
      const renewed = await tokens.current(signal)
      if (renewed === token) throw error
      return sendWith(renewed)
    }
  }
}
