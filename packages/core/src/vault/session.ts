// A principal's way into the vault.
import type { CallContext, Principal } from '../contracts/index.ts'
import type { Caller } from './operation.ts'
import { type AuditLogOptions, type ListOptions, parseAuditLog, parseList } from './parse/list.ts'
import { parseScope } from './parse/names.ts'
import { createScope, type SecretScope } from './scope.ts'
import { type AuditPage, readAuditLog } from './secrets/audit-log.ts'
import { listSecrets, type SecretPage } from './secrets/list.ts'

/** What one principal may do, in one context. */
export interface VaultSession {
  readonly principal: Principal
  readonly context: CallContext
  /** The secrets of an owner (by default the principal) for a server (by default `default`). */
  scope(scope?: { readonly server?: string; readonly owner?: string }): SecretScope
  /** One page of all that the principal owns or was given, newest first, without values. */
  listAll(options?: ListOptions): Promise<SecretPage>
  /** One page of the audit trail, newest first: the principal's events, or on its secrets, or all with a role for it. */
  auditLog(options?: AuditLogOptions): Promise<AuditPage>
}

export function createSession(caller: Caller): VaultSession {
  const { principal, context } = caller
  return Object.freeze({
    principal,
    context,
    scope: (scope) => createScope(caller, parseScope(scope, principal)),
    listAll: async (options) => listSecrets(caller, { scope: 'visible', list: parseList(options) }),
    auditLog: async (options) => readAuditLog(caller, parseAuditLog(options)),
  } satisfies VaultSession)
}
