// The operator's verbs: keys, the trail, expiry and erasure, for principals whose role allows them.
import type { AuditAction, Checkpoint, Scope } from '../contracts/index.ts'
import { VaultError } from '../errors/index.ts'
import { audited, type Call, type Caller, type CallRequest, denied, type Outcome } from '../vault/operation.ts'
import { parseUser } from '../vault/parse/names.ts'
import { parseOptional, parseString } from '../vault/parse/shapes.ts'
import { type Asking, isAuthorized } from '../vault/record/admit.ts'
import { type BackupVerbs, backupVerbs } from './backup-verbs.ts'
import { refuseUnlessRetirable, takeCensus } from './census.ts'
import { type DropOptions, type DropReport, dropDataKey, parseDropDataKey } from './drop-data-key.ts'
import { type ErasureReport, eraseOwner } from './erase-owner.ts'
import { checkHealth, type VaultHealth } from './health.ts'
import { type KeyReport, withAges } from './key-ages.ts'
import { parseRekey, type RekeyReport, rekeyScope } from './rekey.ts'
import { parseRewrap, type RewrapOptions, type RewrapReport, rewrapKeys } from './rewrap.ts'
import { type SweepReport, sweepExpired } from './sweep.ts'
import { type TrailReport, verifyTrail } from './verify-trail.ts'
import { checkKeyId, parseWork, type WorkOptions } from './work.ts'

/** Options of `verifyAudit`. */
export interface VerifyOptions extends WorkOptions {
  /** Checkpoints that were kept elsewhere: with them, also a rollback of the whole database is found. */
  readonly checkpoints?: readonly Checkpoint[]
}

/** Options of `eraseOwner`. */
export interface EraseOptions extends WorkOptions {
  /**
   * `keep`: the audit trail keeps the owner's name, and the secrets of others keep it where the owner set a version or
   * gave a permission. `pseudonymise`: a pseudonym replaces it in both, and events of the owner's own calls also lose
   * address, user agent, correlation id and reason. That looks at every secret of the vault. Default `keep`.
   */
  readonly trail?: 'keep' | 'pseudonymise'
}

/** What an operator may do. Every call throws `VAULT_ACCESS_DENIED` without a role that allows `operate`, or when `authorize` refuses. */
export interface VaultOperator extends BackupVerbs {
  /**
   * Gives every data key, the root of the audit trail included, the wraps that the provider would make now; values stay
   * untouched, reads and writes go on. A wrap under a current key is kept as it is, a missing one is added, and one under
   * an older key of this provider is replaced. A wrap that this provider cannot open stays and is reported. It can be
   * stopped and begun again at any point. Rows that fail are reported, and do not stop the rest.
   *
   * Throws `VAULT_VALUE_INVALID` when `drop` names a current key id.
   *
   * @example
   * const { rewrapped, quarantined, foreign } = await vault.operator(olga).rewrap()
   */
  rewrap(options?: RewrapOptions): Promise<RewrapReport>
  /**
   * Counts data keys by the key ids that wrap them, and says how old each master key is.
   *
   * @example
   * const { byKeyId, ages } = await vault.operator(olga).census() // Map { 'main#1' => 12 }
   */
  census(options?: WorkOptions): Promise<KeyReport>
  /**
   * Throws `VAULT_CONFLICT` while a data key is wrapped under `keyId`, or under the same key by another id, or new ones
   * would be, and while an archive of `backup` needs it or one is being made; `VAULT_VALUE_INVALID` for a key id that
   * neither the key provider nor the vault knows. Delete that key only after it has returned.
   *
   * @example
   * await vault.operator(olga).assertRetirable('main#1')
   */
  assertRetirable(keyId: string, options?: { readonly signal?: AbortSignal | undefined }): Promise<void>
  /**
   * Drops the data key of one owner and server, which can never be opened again because every master key that wraps it
   * is lost, and destroys the secrets that it sealed. Then the owner can store secrets there again. It can be stopped and
   * begun again at any point. The root of the audit trail cannot be dropped.
   *
   * Throws `VAULT_CONFLICT` when this provider opens the data key, or its key service refuses it for now, unless
   * `evenIfItOpens` is set; `VAULT_KEY_UNAVAILABLE` when the provider does not answer.
   *
   * @example
   * const { secrets } = await vault.operator(olga).dropDataKey({ owner: 'alice', server: 'github' })
   */
  dropDataKey(scope: Scope, options?: DropOptions): Promise<DropReport>
  /**
   * Gives one owner and server a new data key, and seals every kept version of every secret there again, deleted ones
   * too; version numbers, times and permissions stay, reads and writes go on. It can be stopped and begun again at any
   * point, and run by two workers at once. The old data key stays until nothing is sealed under it and no process can
   * have it in its cache: the limit `keyHardAgeMs` and 5 minutes after the new one was made. Run it again then; that run
   * removes it. Secrets that cannot be opened are left as they are and reported.
   *
   * Throws the error of the key provider when the data key does not open, such as `VAULT_KEY_UNAVAILABLE`, and
   * `VAULT_CONFLICT` when others keep changing the data key.
   *
   * @example
   * const { secrets, keptKeys } = await vault.operator(olga).rekey({ owner: 'alice', server: 'github' })
   */
  rekey(scope: Scope, options?: WorkOptions): Promise<RekeyReport>
  /**
   * Checks every event of every stream, and every checkpoint. A role that allows `audit` is enough.
   *
   * @example
   * const { ok } = await vault.operator(olga).verifyAudit({ checkpoints })
   */
  verifyAudit(options?: VerifyOptions): Promise<TrailReport>
  /**
   * The Ed25519 key that checks checkpoints, base64url. Keep it and the checkpoints where nobody who can write the
   * database can change them. A role that allows `audit` is enough.
   *
   * @example
   * const publicKey = await vault.operator(olga).auditPublicKey()
   */
  auditPublicKey(options?: { readonly signal?: AbortSignal | undefined }): Promise<string>
  /**
   * Looks whether the vault works: the key provider opens a data key again, the store answers, its schema is there, and
   * the trail takes an event. Each part is `{ ok: true }`, or says a code and what to do. What does not work is in the
   * report, also while the vault cannot be opened at all; nothing there is secret. A role that allows `audit` is enough.
   * It takes at most twice `limits.storeMs` and `limits.keysMs` together.
   *
   * @example
   * const { ok, key, store } = await vault.operator(olga).health()
   */
  health(options?: { readonly signal?: AbortSignal | undefined }): Promise<VaultHealth>
  /**
   * Deactivates secrets whose expiry has passed. Reads refuse them even without it.
   *
   * @example
   * const { deactivated } = await vault.operator(olga).sweep()
   */
  sweep(options?: WorkOptions): Promise<SweepReport>
  /**
   * Destroys an owner's data keys, secrets and permissions. Audit events stay; their names can be pseudonymised. It can
   * be stopped and begun again at any point. Run it again when the report has `untrusted` secrets whose key was away.
   *
   * Throws the error of the store or the key provider that ended it, such as `VAULT_KEY_UNAVAILABLE`.
   *
   * @example
   * await vault.operator(olga).eraseOwner('alice', { trail: 'pseudonymise' })
   */
  eraseOwner(owner: string, options?: EraseOptions): Promise<ErasureReport>
}

/** Binds the operator's verbs to a principal. */
export function createOperator(caller: Caller): VaultOperator {
  const run = <T>(request: OperatorRequest, work: (call: Call) => Promise<Outcome<T>>): Promise<T> =>
    audited(caller, { ...request, wholeVault: true }, async (call) => {
      await refuseOthers(call, request)
      return work(call)
    })

  return Object.freeze({
    ...backupVerbs(run),
    rewrap: async (options) => {
      const work = parseRewrap(options)
      // A dry run only counts, and its event must not say that keys were rewrapped.
      const action = work.dryRun ? 'key.counted' : 'key.rewrapped'
      return run({ operation: 'rewrap', action, signal: work.signal }, (call) => rewrapKeys(call, work))
    },
    census: async (options) => {
      const work = parseWork(options)
      return run({ operation: 'census', action: 'key.counted', ...work }, async (call) =>
        withAges(call, await takeCensus(call, work)),
      )
    },
    assertRetirable: async (keyId, options) => {
      const id = parseString(keyId, 'keyId')
      checkKeyId(id, 'keyId')
      const work = parseWork(options)
      return run({ operation: 'assertRetirable', action: 'key.counted', ...work }, (call) =>
        refuseUnlessRetirable(call, id),
      )
    },
    dropDataKey: async (scope, options) => {
      const drop = parseDropDataKey(scope, options)
      const request = { operation: 'dropDataKey', action: 'key.dropped', ref: drop.scope, signal: drop.signal } as const
      return run(request, (call) => dropDataKey(call, drop))
    },
    rekey: async (scope, options) => {
      const rekey = parseRekey(scope, options)
      const request = { operation: 'rekey', action: 'key.rekeyed', ref: rekey.scope, signal: rekey.signal } as const
      return run(request, (call) => rekeyScope(call, rekey))
    },
    verifyAudit: async (options) => {
      const { checkpoints, ...rest } = parseOptional(options, 'options')
      if (checkpoints !== undefined && !Array.isArray(checkpoints)) throw new TypeError('checkpoints must be an array')
      const work = { ...parseWork(rest), checkpoints: checkpoints === undefined ? [] : checkpoints }
      const request = {
        operation: 'verifyAudit',
        action: 'audit.verified',
        signal: work.signal,
        auditor: true,
      } as const
      return run(request, (call) => verifyTrail(call, work))
    },
    auditPublicKey: async (options) => {
      const { signal } = parseWork(options)
      const request = { operation: 'auditPublicKey', action: 'audit.exported', signal, auditor: true } as const
      return run(request, async ({ runtime: { trail } }) => {
        if (trail !== undefined) return { result: trail.publicKey(), event: {} }
        throw new VaultError('VAULT_NOT_SUPPORTED', { detail: 'Auditing is off in this vault.' })
      })
    },
    health: async (options) => {
      const request = { operation: 'health', action: 'vault.checked', auditor: true, ...parseWork(options) } as const
      return checkHealth(caller, { ...request, wholeVault: true, admit: (asking) => refuseOthers(asking, request) })
    },
    sweep: async (options) => {
      const work = parseWork(options)
      return run({ operation: 'sweep', action: 'secret.expired', ...work }, (call) => sweepExpired(call, work))
    },
    eraseOwner: async (owner, options) => {
      const name = parseUser(owner, 'owner')
      const { trail, ...rest } = parseOptional(options, 'options')
      const work = { ...parseWork(rest), owner: name, trail: parseTrail(trail) }
      const request = {
        operation: 'eraseOwner',
        action: 'owner.erased',
        ref: { owner: name },
        signal: work.signal,
      } as const
      return run(request, (call) => eraseOwner(call, work))
    },
  } satisfies VaultOperator)
}

/** Throws `VAULT_ACCESS_DENIED` unless a role and the hook allow the request. */
async function refuseOthers(asking: Asking & Pick<CallRequest, 'ref'>, { auditor }: OperatorRequest): Promise<void> {
  const { principal, runtime } = asking
  const { rules } = runtime.config
  const allowed = rules.onVault(principal, 'operate') || (auditor && rules.onVault(principal, 'audit'))
  if (!allowed) throw denied(asking, 'This takes a role that allows operate.')
  if (!(await isAuthorized(asking, { operation: 'operate' }))) throw denied(asking)
}

interface OperatorRequest {
  readonly operation: string
  readonly action: AuditAction
  readonly ref?: { readonly owner: string; readonly server?: string }
  readonly signal: AbortSignal | undefined
  /** A role that allows `audit` is enough. */
  readonly auditor?: true
}

function parseTrail(trail: unknown): 'keep' | 'pseudonymise' {
  if (trail === undefined || trail === 'keep') return 'keep'
  if (trail === 'pseudonymise') return trail
  throw new TypeError("trail must be 'keep' or 'pseudonymise'")
}
