// A principal's way into the vault.
import type { CallContext, Principal } from '../contracts/index.ts'
import { createScope } from './create-scope.ts'
import type { Caller } from './operation.ts'
import { type AccessReportOptions, parseAccessReport } from './parse/access-report.ts'
import {
  type AuditLogOptions,
  type ListAllOptions,
  parseAuditLog,
  parseAuditPages,
  parseListAll,
} from './parse/list.ts'
import { parseScope } from './parse/names.ts'
import type { SecretScope } from './scope.ts'
import { type AccessReport, accessReport } from './secrets/access-report.ts'
import { type AuditPage, auditPages, readAuditLog } from './secrets/audit-log.ts'
import { listSecrets, type SecretPage } from './secrets/list.ts'

/** What one principal may do, in one context. Its verbs throw what those of a scope throw. */
export interface VaultSession {
  readonly principal: Principal
  readonly context: CallContext
  /**
   * The secrets of an owner (by default the principal) for a server (by default `default`). Reads nothing. Throws
   * `VAULT_REF_INVALID` for a bad owner or server.
   *
   * @example
   * const own = alice.scope({ server: 'github' })
   * const ofBob = alice.scope({ owner: 'bob', server: 'github' })
   */
  scope(scope?: { readonly server?: string; readonly owner?: string }): SecretScope
  /**
   * One page of all that the principal owns or was given, newest first, without values; with `shared` one of the two.
   * Pages hold 100 unless `limit` says otherwise.
   *
   * @example
   * const { items, cursor } = await alice.listAll({ state: 'any' })
   * console.log(items.map(({ owner, server, name }) => `${owner}/${server}/${name}`), cursor)
   */
  listAll(options?: ListAllOptions): Promise<SecretPage>
  /**
   * One page of the audit trail, newest first. Shows the principal's own events, or with `owner` those on its own
   * secrets; a role that allows `audit` shows all. Pages hold 100 unless `limit` says otherwise. A row that the vault did
   * not write as it is comes in `untrusted`, without its content. In one's own events a secret that one may not know of
   * looks absent. Throws `VAULT_ACCESS_DENIED` for the events of others, and `VAULT_NOT_SUPPORTED` when auditing is off.
   *
   * @example
   * const { items } = await alice.auditLog({ owner: 'alice', actions: ['secret.accessed'], limit: 20 })
   * for (const { at, event } of items) console.log(at, event.principal, event.name, event.outcome)
   */
  auditLog(options?: AuditLogOptions): Promise<AuditPage>
  /**
   * The pages of `auditLog` one after another, 1,000 events each unless `limit` says otherwise, for an export: no more
   * than one page is in memory. It ends at the oldest event, when the loop is left, or with an error: what `auditLog`
   * throws, or the reason of `signal`. With `cursor`, of a page before, it goes on from there. Each page is recorded as
   * `audit.exported`. Wrong options are thrown at once.
   *
   * @example
   * for await (const { items } of alice.auditPages({ owner: 'alice' })) {
   *   for (const { at, event } of items) console.log(JSON.stringify({ at, ...event }))
   * }
   */
  auditPages(options?: AuditLogOptions): AsyncIterable<AuditPage>
  /**
   * Who read which secrets, and who was refused: counts by secret, by principal and by server, with the first and the
   * last time. Counts what `auditLog` shows the principal, and throws what it throws. It is one call that may look at
   * `maxEvents` (10,000) events; what is older is left out then, and `isComplete` is false.
   *
   * @example
   * const since = new Date(Date.now() - 86_400_000)
   * const report = await alice.accessReport({ owner: 'alice', server: 'github', name: 'token', since })
   * for (const { principal, reads, lastAt } of report.byPrincipal) console.log(principal, reads, lastAt)
   */
  accessReport(options: AccessReportOptions): Promise<AccessReport>
  /**
   * Whether a role of the principal allows `audit` or `operate`, so that a page need not offer what would be refused.
   * Asks neither the store nor the `authorize` hook, and leaves no event.
   *
   * @example
   * if (alice.may('audit')) console.log((await alice.auditLog()).items.length)
   */
  may(action: 'audit' | 'operate'): boolean
}

export function createSession(caller: Caller): VaultSession {
  const { principal, context } = caller
  return Object.freeze({
    principal,
    context,
    scope: (scope) => createScope(caller, parseScope(scope, principal)),
    listAll: async (options) => listSecrets(caller, { scope: 'visible', list: parseListAll(options) }),
    auditLog: async (options) => readAuditLog(caller, { ...parseAuditLog(options), action: 'audit.read' }),
    auditPages: (options) => auditPages(caller, parseAuditPages(options)),
    accessReport: async (options) => accessReport(caller, parseAccessReport(options)),
    may: (action) => caller.holder.config.rules.onVault(principal, action),
  } satisfies VaultSession)
}
