// Binds the verbs of a scope to one principal, owner and server, and checks their arguments.
import { requireText } from '../bytes/index.ts'
import type { Scope, SecretRef } from '../contracts/index.ts'
import { VaultError } from '../errors/index.ts'
import type { Caller } from './operation.ts'
import { parseCanary } from './parse/canary.ts'
import { parseList } from './parse/list.ts'
import { parseNameList, parseSecretName } from './parse/names.ts'
import { parseReadOptions, parseVersion } from './parse/read.ts'
import { parseRenewOptions, parseValidateOptions } from './parse/renew.ts'
import { parseSettings, parseWriteOptions, type SettingsRules, type WriteOptions } from './parse/settings.ts'
import { parseOptional, parseSignal } from './parse/shapes.ts'
import { parseShare, parseUnshare } from './parse/share.ts'
import { refuseUnknown } from './parse/unknown.ts'
import { parsePatch, parseValue } from './parse/value.ts'
import type { SecretScope } from './scope.ts'
import { findCanaries } from './secrets/canary.ts'
import { describeSecret, requireSecrets, secretHistory } from './secrets/describe.ts'
import { listSecrets } from './secrets/list.ts'
import { readAll, readSecret } from './secrets/read.ts'
import { renewSecret } from './secrets/renew.ts'
import { patchSecret, restoreSecret } from './secrets/reseal.ts'
import { setSecret } from './secrets/set.ts'
import { listGrants, shareSecret, unshareSecret } from './secrets/share.ts'
import { changeState, destroySecret, type StateVerb } from './secrets/state.ts'
import { updateSecret } from './secrets/update.ts'
import { validateSecret } from './secrets/validate.ts'

/** The characters of a text that is looked through for canaries. */
const maxSearched = 4_194_304
const tooLong = 'must have at most 4,194,304 characters.'

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
    canary: async (name, options) =>
      setSecret(caller, { ref: refOf(name), kind: 'canary', ...parseCanary(options, rules()) }),
    findCanaries: async (text, options) => {
      requireText(text, 'text')
      if (text.length > maxSearched) throw new VaultError('VAULT_VALUE_INVALID', { field: 'text', detail: tooLong })
      return findCanaries(caller, { scope, text, ...parseWait(options) })
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
    renew: async (name, refresh, options) => {
      if (typeof refresh !== 'function') throw new TypeError('refresh must be a function')
      return renewSecret(caller, { ref: refOf(name), refresh, options: parseRenewOptions(options) })
    },
    validate: async (name, probe, options) => {
      if (typeof probe !== 'function') throw new TypeError('probe must be a function')
      return validateSecret(caller, { ref: refOf(name), probe, options: parseValidateOptions(options) })
    },
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
    unshare: async (name, options) => unshareSecret(caller, { ref: refOf(name), unshare: parseUnshare(options) }),
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
