// What every route gets to work with: the caller's way into the vault, and what the handler shares.
import type { CallContext, Vault, VaultOperator, VaultSession } from '@mcpvault/core'
import type { HandlerConfig, SignedIn } from './options.ts'
import type { LimitReveals } from './safety/reveal-limit.ts'

/** One request of a signed-in principal. */
export interface Call {
  readonly session: VaultSession
  readonly operator: VaultOperator
  readonly correlationId: string
  readonly signal: AbortSignal
  readonly shared: Shared
  /** The same principal, with the reason of this one call. */
  withReason(reason: string): VaultSession
  /** The answer for an error. */
  fail(error: unknown): Response
}

/** What all requests of a handler share. */
export interface Shared {
  readonly config: HandlerConfig
  readonly limitReveals: LimitReveals
}

/** Binds a signed-in principal to the vault. Throws what `vault.as` throws for one that the host got wrong. */
export function sessionsOf(
  vault: Vault,
  { id, roles, context: given }: SignedIn,
  seen: CallContext,
): Pick<Call, 'session' | 'operator' | 'withReason'> {
  const principal = roles === undefined ? { id } : { id, roles }
  const context: CallContext = { ...seen, ...dropUndefined(given ?? {}) }
  return {
    session: vault.as(principal, context),
    operator: vault.operator(principal, context),
    withReason: (reason) => vault.as(principal, { ...context, reason }),
  }
}

/** An object without what is undefined: the vault's options are absent or there. */
export function dropUndefined<T extends object>(given: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  // Object.fromEntries forgets the names; nothing but undefined members is gone.
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
}
