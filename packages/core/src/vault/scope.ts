// What one principal can do with the secrets of one owner and server.
import type { GrantInfo, Scope, SecretInfo, VersionInfo } from '../contracts/index.ts'
import type { CredentialVerbs } from './credential-verbs.ts'
import type { ListOptions } from './parse/list.ts'
import type { ReadOptions } from './parse/read.ts'
import type { SecretSettings, SetOptions, WriteOptions } from './parse/settings.ts'
import type { ShareOptions, UnshareOptions } from './parse/share.ts'
import type { SecretInput } from './parse/value.ts'
import type { SecretValue } from './secret-value.ts'
import type { RequireReport } from './secrets/describe.ts'
import type { SecretPage } from './secrets/list.ts'
import type { GetAllResult } from './secrets/read.ts'
import type { WaitOptions } from './wait-options.ts'

/**
 * The secrets of one owner and server. A secret that the principal may not know of looks absent everywhere; one that it
 * knows of, but may not use like this, is `VAULT_ACCESS_DENIED`.
 *
 * Besides what is named there, each verb throws `VAULT_REF_INVALID` for a bad name, `VAULT_VALUE_INVALID` for a bad
 * option and TypeError for a wrong type; `VAULT_OPEN_FAILED`, `VAULT_KEY_UNKNOWN` or `VAULT_ROLLBACK_SUSPECTED` for a
 * record that was altered, sealed under a key that is not there, or put back; `VAULT_STORE_FAILED`,
 * `VAULT_KEY_UNAVAILABLE` or `VAULT_AUDIT_FAILED` when a part that it needs is away; `VAULT_CLOSED` after `close`.
 */
export interface SecretScope extends Scope, CredentialVerbs {
  /**
   * Stores a value: a new secret, or the next version of one. Text, bytes, or an object of strings; 1 byte to 64 KiB.
   * Throws `VAULT_CONFLICT` when `ifVersion` or `ifRevision` is not the current one, or other writers keep coming first
   * for 10 s.
   *
   * @example
   * const { version } = await github.set('token', 'a value to keep', { type: 'api_key', tags: ['ci'] })
   * await github.set('token', 'the next value', { ifVersion: version })
   */
  set(name: string, value: SecretInput, options?: SetOptions): Promise<SecretInfo>
  /**
   * The value of a secret, or of a kept version of it. Undefined when it is absent. Throws `VAULT_EXPIRED` and
   * `VAULT_INACTIVE`, and `VAULT_ACCESS_DENIED` when `onlyIf` does not return true.
   *
   * @example
   * const token = await github.get('token')
   * console.log(`${token}`, token?.reveal()) // [secret] and the value
   */
  get(name: string, options?: ReadOptions): Promise<SecretValue | undefined>
  /**
   * Every usable secret by name, in one query: `values`, and in `errors` why one could not be opened. Secrets that are
   * inactive, expired or not the principal's to read are in neither. Throws `VAULT_NOT_SUPPORTED` for a scope with more
   * than `limits.getAll` secrets (default 1,000).
   *
   * @example
   * const { values, errors } = await github.getAll()
   * for (const [name, error] of errors) console.error(name, error.code)
   * console.log([...values.keys()])
   */
  getAll(options?: WaitOptions): Promise<GetAllResult>
  /**
   * Calls `fn` with the bytes of a value, which are zero-filled when `fn` has settled. Undefined, without a call, when
   * the secret is absent. Throws what `get` throws, and what `fn` throws.
   *
   * @example
   * const length = await github.use('token', (bytes) => bytes.length)
   */
  use<T>(name: string, fn: (bytes: Uint8Array) => T | PromiseLike<T>, options?: ReadOptions): Promise<T | undefined>
  /**
   * Changes named fields of a `fields` value; null removes one. Undefined when the secret is absent. Throws
   * `VAULT_NOT_SUPPORTED` for another value, and `VAULT_CONFLICT` as `set` does.
   *
   * @example
   * await github.patch('account', { password: 'second', user: null })
   */
  patch(
    name: string,
    fields: Readonly<Record<string, string | null>>,
    options?: WriteOptions,
  ): Promise<SecretInfo | undefined>
  /**
   * Changes settings without a new value; type, tier and tags take the permission `admin` without a deployment or
   * conditions (see `share`). Undefined when the secret is absent. Throws `VAULT_CONFLICT` as `set` does.
   *
   * @example
   * const info = await github.describe('token')
   * await github.update('token', { description: 'for releases', ifRevision: info?.revision ?? 0 })
   */
  update(name: string, settings: SecretSettings & WriteOptions): Promise<SecretInfo | undefined>
  /**
   * A secret without its value. Undefined when it is absent.
   *
   * @example
   * const info = await github.describe('token')
   * console.log(info?.version, info?.state, info?.expiresAt)
   */
  describe(name: string, options?: WaitOptions): Promise<SecretInfo | undefined>
  /**
   * One page of secrets, newest first, without values and without decrypting. Pages hold 100 unless `limit` says
   * otherwise, and list what is active unless `state` does.
   *
   * @example
   * const { items, cursor } = await github.list({ tag: 'ci', limit: 20 })
   * const next = cursor === undefined ? [] : (await github.list({ tag: 'ci', limit: 20, cursor })).items
   */
  list(options?: ListOptions): Promise<SecretPage>
  /**
   * The kept versions, newest first; a vault keeps 10 unless `limits.versions` says otherwise. Undefined when the
   * secret is absent. Versions from before the name was set again after its deletion are the owner's alone, here and in
   * `get` and `restore`.
   *
   * @example
   * const versions = await github.history('token')
   * console.log(versions?.map(({ version, createdBy }) => `${version} by ${createdBy}`))
   */
  history(name: string, options?: WaitOptions): Promise<readonly VersionInfo[] | undefined>
  /**
   * Makes the value of an older kept version the newest version. Undefined when there is no such version. Throws
   * `VAULT_CONFLICT` as `set` does.
   *
   * @example
   * await github.restore('token', 1)
   */
  restore(name: string, version: number, options?: WriteOptions): Promise<SecretInfo | undefined>
  /**
   * Takes a secret out of use: reading it throws `VAULT_INACTIVE` from then on. True when it was active. This and the
   * next four throw `VAULT_CONFLICT` as `set` does.
   *
   * @example
   * const wasActive = await github.deactivate('token')
   */
  deactivate(name: string, options?: WriteOptions): Promise<boolean>
  /**
   * Takes a secret into use again. True when it was inactive.
   *
   * @example
   * const wasInactive = await github.activate('token')
   */
  activate(name: string, options?: WriteOptions): Promise<boolean>
  /**
   * Deletes so that `undelete` can bring it back. True when it was there.
   *
   * A `set` of the name by someone who may take away every grant, such as the owner, begins a new history: the grants are
   * gone, version numbers go on, and the versions from before are the owner's alone. A `set` by anyone else is an
   * `undelete` before a `set`: grants and history stay.
   *
   * @example
   * const wasThere = await github.delete('token')
   */
  delete(name: string, options?: WriteOptions): Promise<boolean>
  /**
   * Brings a deleted secret back, active and with its versions and grants. True when it was deleted.
   *
   * @example
   * await github.delete('token')
   * const isBack = await github.undelete('token')
   */
  undelete(name: string, options?: WriteOptions): Promise<boolean>
  /**
   * Removes a secret with every version and grant, permanently; the audit trail keeps its name. Takes the permission
   * `admin` without a deployment or conditions (see `share`). True when it was there.
   *
   * @example
   * const wasThere = await github.destroy('token')
   */
  destroy(name: string, options?: WriteOptions): Promise<boolean>
  /**
   * Gives a permission on one secret, `read`, `write` or `admin`, or changes the one given before. Undefined when the
   * secret is absent. Throws `VAULT_CONFLICT` as `set` does.
   *
   * Nobody gives or takes away more than they have. Who has `admin` by a grant for one deployment gives, changes and
   * takes away the grants of that deployment only. Who has it by a role with conditions on tags, types or tiers does
   * none of this, since a grant would outlast the conditions. Both attempts are `VAULT_ACCESS_DENIED`, and
   * `access.escalation` in the trail.
   *
   * @example
   * await github.share('token', { with: 'bob', permission: 'read' })
   * const token = await vault.as({ id: 'bob' }).scope({ owner: 'alice', server: 'github' }).get('token')
   */
  share(name: string, options: ShareOptions): Promise<GrantInfo | undefined>
  /**
   * Takes a permission back, within the limits of `share`. False when there was none, or no such secret. Throws
   * `VAULT_CONFLICT` as `set` does.
   *
   * @example
   * await github.share('token', { with: 'bob', permission: 'read' })
   * const hadOne = await github.unshare('token', { with: 'bob' })
   */
  unshare(name: string, options: UnshareOptions): Promise<boolean>
  /**
   * Who was given which permission on a secret, in the order of their ids. Takes the permission `admin`. Undefined when
   * the secret is absent.
   *
   * @example
   * for (const { principal, permission } of (await github.grants('token')) ?? []) console.log(principal, permission)
   */
  grants(name: string, options?: WaitOptions): Promise<readonly GrantInfo[] | undefined>
  /**
   * Checks that every named secret (1 to 1,000) can be used, in one report of which cannot and why, without a value.
   *
   * @example
   * const report = await github.require(['token', 'webhook'])
   * if (!report.ok) console.error('missing:', report.missing, 'expired:', report.expired)
   */
  require(names: readonly string[], options?: WaitOptions): Promise<RequireReport>
}
