// The secrets of one owner and server, as one principal may use them.
import type { GrantInfo, Scope, SecretInfo, SecretRef, VersionInfo } from '../contracts/index.ts'
import type { Caller } from './operation.ts'
import { type ListOptions, parseList } from './parse/list.ts'
import { parseNameList, parseSecretName } from './parse/names.ts'
import { parseReadOptions, parseVersion, type ReadOptions } from './parse/read.ts'
import {
  parseSettings,
  parseWriteOptions,
  type SecretSettings,
  type SetOptions,
  type SettingsRules,
  type WriteOptions,
} from './parse/settings.ts'
import { parseOptional, parseSignal } from './parse/shapes.ts'
import { parseShare, parseUnshare, type ShareOptions, type UnshareOptions } from './parse/share.ts'
import { refuseUnknown } from './parse/unknown.ts'
import { parsePatch, parseValue, type SecretInput } from './parse/value.ts'
import type { SecretValue } from './secret-value.ts'
import { describeSecret, type RequireReport, requireSecrets, secretHistory } from './secrets/describe.ts'
import { listSecrets, type SecretPage } from './secrets/list.ts'
import { type GetAllResult, readAll, readSecret } from './secrets/read.ts'
import { patchSecret, restoreSecret } from './secrets/reseal.ts'
import { setSecret } from './secrets/set.ts'
import { listGrants, shareSecret, unshareSecret } from './secrets/share.ts'
import { changeState, destroySecret, type StateVerb } from './secrets/state.ts'
import { updateSecret } from './secrets/update.ts'

/** Options of calls that only wait. */
export interface WaitOptions {
  readonly signal?: AbortSignal
}

/** The secrets of one owner and server. A secret that the principal may not know of looks absent everywhere. */
export interface SecretScope extends Scope {
  /**
   * Stores a value: a new secret, or the next version of one. Text, bytes, or an object of strings; 1 byte to 64 KiB.
   * Throws `VAULT_REF_INVALID`, `VAULT_VALUE_INVALID`, `VAULT_ACCESS_DENIED`, `VAULT_CONFLICT`.
   */
  set(name: string, value: SecretInput, options?: SetOptions): Promise<SecretInfo>
  /**
   * The value of a secret, or of a kept version of it; undefined when it is absent.
   * Throws `VAULT_EXPIRED`, `VAULT_INACTIVE`, `VAULT_OPEN_FAILED`, `VAULT_KEY_UNKNOWN`, `VAULT_ROLLBACK_SUSPECTED`.
   */
  get(name: string, options?: ReadOptions): Promise<SecretValue | undefined>
  /**
   * Every usable secret by name, in one query: `values`, and in `errors` what could not be opened. Secrets that are
   * inactive or expired, or that the principal may not read, are in neither. Throws `VAULT_NOT_SUPPORTED` for a scope
   * with more than `limits.getAll` secrets (default 1,000).
   */
  getAll(options?: WaitOptions): Promise<GetAllResult>
  /** Calls `fn` with the bytes of a value, zero-filled afterwards. Undefined, without a call, when it is absent. */
  use<T>(name: string, fn: (bytes: Uint8Array) => T | PromiseLike<T>, options?: ReadOptions): Promise<T | undefined>
  /** Changes named fields of a `fields` value; null removes one. Undefined when the secret is absent. */
  patch(
    name: string,
    fields: Readonly<Record<string, string | null>>,
    options?: WriteOptions,
  ): Promise<SecretInfo | undefined>
  /** Changes settings without a new value. Type, tier and tags take the permission `admin`. */
  update(name: string, settings: SecretSettings & WriteOptions): Promise<SecretInfo | undefined>
  describe(name: string, options?: WaitOptions): Promise<SecretInfo | undefined>
  /** One page of secrets, newest first, without values and without decrypting. */
  list(options?: ListOptions): Promise<SecretPage>
  /** The kept versions, newest first. */
  history(name: string, options?: WaitOptions): Promise<readonly VersionInfo[] | undefined>
  /** Makes the value of an older kept version the newest version. */
  restore(name: string, version: number, options?: WriteOptions): Promise<SecretInfo | undefined>
  /** Takes a secret out of use. True when it is inactive now and was active. */
  deactivate(name: string, options?: WriteOptions): Promise<boolean>
  activate(name: string, options?: WriteOptions): Promise<boolean>
  /** Deletes so that `undelete` can bring it back. */
  delete(name: string, options?: WriteOptions): Promise<boolean>
  undelete(name: string, options?: WriteOptions): Promise<boolean>
  /** Removes a secret with every version and grant, for ever. The audit trail keeps its name. */
  destroy(name: string, options?: WriteOptions): Promise<boolean>
  /** Gives a permission on one secret. Nobody gives more than they have. */
  share(name: string, options: ShareOptions): Promise<GrantInfo | undefined>
  unshare(name: string, options: UnshareOptions): Promise<boolean>
  grants(name: string, options?: WaitOptions): Promise<readonly GrantInfo[] | undefined>
  /** Checks that every named secret can be used; says which cannot, and why, without a value. */
  require(names: readonly string[], options?: WaitOptions): Promise<RequireReport>
}

/** Binds the verbs to one principal, owner and server. Every argument is checked before anything is done. */
export function createScope(caller: Caller, scope: Scope): SecretScope {
  const { config } = caller.holder
  const refOf = (name: unknown): SecretRef => ({
    owner: scope.owner,
    server: scope.server,
    name: parseSecretName(name),
  })
  const rules = (): SettingsRules => ({ types: config.types, now: config.clock.now() })
  const stateVerb =
    (verb: StateVerb) =>
    async (name: string, options?: WriteOptions): Promise<boolean> =>
      changeState(caller, { verb, ref: refOf(name), options: parseWriteOptions(options) })

  return Object.freeze({
    ...scope,
    set: async (name, value, options) => {
      const ref = refOf(name)
      const settings = parseSettings(options, rules())
      return setSecret(caller, { ref, settings, value: parseValue(value, config.limits.valueBytes) })
    },
    get: async (name, options) =>
      readSecret(caller, { operation: 'get', ref: refOf(name), options: parseReadOptions(options) }),
    getAll: async (options) => readAll(caller, { scope, ...parseWait(options) }),
    use: async (name, fn, options) => {
      if (typeof fn !== 'function') throw new TypeError('fn must be a function')
      const request = { operation: 'use', ref: refOf(name), options: parseReadOptions(options) }
      const value = await readSecret(caller, request)
      try {
        return await value?.use(fn)
      } finally {
        value?.dispose()
      }
    },
    patch: async (name, fields, options) =>
      patchSecret(caller, { ref: refOf(name), changes: parsePatch(fields), options: parseWriteOptions(options) }),
    update: async (name, settings) =>
      updateSecret(caller, { ref: refOf(name), settings: parseSettings(settings, rules()) }),
    describe: async (name, options) => describeSecret(caller, { ref: refOf(name), ...parseWait(options) }),
    list: async (options) => listSecrets(caller, { scope, list: parseList(options) }),
    history: async (name, options) => secretHistory(caller, { ref: refOf(name), ...parseWait(options) }),
    restore: async (name, version, options) =>
      restoreSecret(caller, {
        ref: refOf(name),
        version: parseVersion(version, 'version'),
        options: parseWriteOptions(options),
      }),
    deactivate: stateVerb('deactivate'),
    activate: stateVerb('activate'),
    delete: stateVerb('delete'),
    undelete: stateVerb('undelete'),
    destroy: async (name, options) => destroySecret(caller, { ref: refOf(name), options: parseWriteOptions(options) }),
    share: async (name, options) => shareSecret(caller, { ref: refOf(name), share: parseShare(options) }),
    unshare: async (name, options) => unshareSecret(caller, { ref: refOf(name), ...parseUnshare(options) }),
    grants: async (name, options) => listGrants(caller, { ref: refOf(name), ...parseWait(options) }),
    require: async (names, options) =>
      requireSecrets(caller, { scope, names: parseNameList(names), ...parseWait(options) }),
  } satisfies SecretScope)
}

function parseWait(options: unknown): { readonly signal: AbortSignal | undefined } {
  const given = parseOptional(options, 'options')
  refuseUnknown(given, ['signal'], 'options')
  return { signal: parseSignal(given['signal']) }
}
