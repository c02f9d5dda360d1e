// The token in use: got once for all requests, renewed before it expires, and got again when the server refuses it.
import { type Awaitable, type Clock, VaultError } from '@mcpvault/core'
import { untilAborted } from '@mcpvault/core/adapter'
import { isToken, type TokenSource } from './server-options.ts'

/** The token of one provider. */
export interface Tokens {
  /** A token to send. */
  current(signal: AbortSignal): Promise<string>
  /** Forgets a token that the server refused. */
  refused(token: string): void
}

interface Held {
  readonly token: string
  /** Of the monotonic clock; the token is got again from then on. */
  readonly renewAtMs: number
}

/** A token is got again when two thirds of its life are over. */
const renewAfter = 2 / 3

async function asPromise<T>(work: () => Awaitable<T>): Promise<T> {
  return await work()
}

export function heldToken(
  source: TokenSource,
  { clock, timeoutMs }: { readonly clock: Pick<Clock, 'monotonicMs'>; readonly timeoutMs: number },
): Tokens {
  let held: Held | undefined
  let flight: Promise<Held> | undefined

  async function fetchToken(): Promise<Held> {
    const signal = AbortSignal.timeout(timeoutMs)
    // A source that ignores the signal would else be waited for by every later request too.
    const { token, expiresInMs } = await untilAborted(
      asPromise(() => source({ signal })),
      signal,
    )
    if (!isToken(token)) throw new VaultError('VAULT_KEY_UNAVAILABLE', { field: 'token', detail: 'is not usable.' })
    const lifeMs = typeof expiresInMs === 'number' && expiresInMs > 0 ? expiresInMs : Number.POSITIVE_INFINITY
    return { token, renewAtMs: clock.monotonicMs() + lifeMs * renewAfter }
  }

  return {
    async current(signal) {
      if (held !== undefined && clock.monotonicMs() < held.renewAtMs) return held.token
      // Requests at the same time share one sign-in, which none of them can end for the others.
      flight ??= fetchToken().finally(() => {
        flight = undefined
      })
      held = await untilAborted(flight, signal)
      return held.token
    },
    refused(token) {
      if (held?.token === token) held = undefined
    },
  }
}
