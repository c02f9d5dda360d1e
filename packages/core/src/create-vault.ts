// createVault: from a key provider and a store to a vault.
import { randomUUID } from 'node:crypto'
import { currentCorrelationId } from './audit/index.ts'
import { type CallContext, ownOptions, type Principal } from './contracts/index.ts'
import { createOperator, type VaultOperator } from './operator/operator.ts'
import type { Caller } from './vault/operation.ts'
import { parseVaultOptions, type VaultOptions } from './vault/options.ts'
import { parseContext, parsePrincipal } from './vault/parse/names.ts'
import { createRuntimeHolder } from './vault/runtime.ts'
import { createSession, type VaultSession } from './vault/session.ts'

/** A vault. It has no way to a plaintext of its own: every read is some principal's. */
export interface Vault {
  /**
   * A session for a principal that the host has authenticated. What `context` says stands in each of its audit events;
   * its correlation id is that of `withCorrelation`, or a random one, unless it is given. Throws `VAULT_REF_INVALID` for
   * a bad id, role or context.
   *
   * @example
   * const deploy = vault.as({ id: 'alice', roles: ['developer'] }, { reason: 'deploy', sourceIp: '192.0.2.1' })
   */
  as(principal: Principal, context?: CallContext): VaultSession
  /**
   * The operator's verbs, for a principal with a role that allows `operate`. Throws `VAULT_REF_INVALID` as `as` does.
   *
   * @example
   * const { byKeyId } = await vault.operator({ id: 'root', roles: ['operator'] }).census()
   */
  operator(principal: Principal, context?: CallContext): VaultOperator
  /**
   * Waits for the calls under way, writes what is still to be written and forgets every key. Afterwards nothing uses the
   * store, and all calls throw `VAULT_CLOSED`; so does a call that takes longer than `limits.storeMs`, unless it is a
   * renewal. A second close waits for the first. Throws `VAULT_AUDIT_FAILED` when events could not be written; everything
   * else is closed then too.
   *
   * @example
   * await vault.close()
   */
  close(): Promise<void>
  /** `await using vault = createVault(...)` closes it at the end of the block. */
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Creates a vault. Nothing is read or written before the first operation. Throws `VAULT_NO_KEY` without a key
 * provider, `VAULT_CONFIG_INVALID` for options that make no sense and TypeError for wrong types.
 *
 * @example
 * const keys = keyRing({ current: 'main#1', keys: { 'main#1': generateKey() } })
 * const vault = createVault({ keys, store: memoryStore() })
 * const github = vault.as({ id: 'alice' }).scope({ server: 'github' })
 * await github.set('token', 'a value to keep')
 * const token = await github.get('token')
 * await vault.close()
 */
export function createVault(options: VaultOptions): Vault {
  const holder = createRuntimeHolder(parseVaultOptions(options))
  const callerOf = (principal: unknown, context: unknown): Caller => ({
    holder,
    principal: parsePrincipal(principal),
    context: withCorrelationId(parseContext(context)),
  })
  return Object.freeze({
    as: (principal, context) => createSession(callerOf(principal, context)),
    operator: (principal, context) => createOperator(callerOf(principal, context)),
    close: () => holder.close(),
    [Symbol.asyncDispose]: () => holder.close(),
  } satisfies Vault)
}

function withCorrelationId(context: CallContext): CallContext {
  if (context.correlationId !== undefined) return context
  const current = currentCorrelationId()
  // It may come from a client, by withCorrelation.
  const made = current === undefined ? { correlationId: randomUUID() } : parseContext({ correlationId: current })
  return Object.freeze(ownOptions({ ...context, ...made }))
}
