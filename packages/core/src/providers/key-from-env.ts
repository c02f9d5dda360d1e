// keyFromEnv: the master key from environment variables, under its own names and the aliases that are asked for.
import { sameBytes, utf8Bytes, wipe } from '../bytes/index.ts'
import type { KeyProvider } from '../contracts/index.ts'
import { VaultError } from '../errors/index.ts'
import {
  environmentName,
  type KeyAlias,
  keyAliases,
  keyFileVariable,
  keyVariablesOf,
  passphraseSaltVariable,
  passphraseVariable,
  previousKeysVariable,
  variablesOf,
} from './environment-names.ts'
import { readKeyFile } from './key-file.ts'
import { fingerprintKeyId, type KeyMaterial, parseKeyText, readKeyText, trimKeyText } from './key-text.ts'
import { type DerivedKey, holdKeys, localProvider } from './local-provider.ts'
import { checkOptions, invalidConfig } from './options.ts'
import { passphraseKey } from './passphrase.ts'
import { environmentKeys } from './shared-keys.ts'
import { parseStretch, pbkdf2Now } from './stretch.ts'
import { isWeakPassphrase } from './weak-key.ts'

/** Where and how to look. */
export interface KeyFromEnvOptions {
  /** Default `process.env`. Variables that are empty, or hold nothing but blanks and quotes, count as absent. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /**
   * Such as `prod`: `MCPVAULT_KEY_PROD` then goes before all names without an environment. `production` and `prod` are one
   * environment, and so are `development` and `dev`: either name is read for both.
   */
  readonly environment?: string
  /**
   * Variables of older systems that are read as well: `ENCRYPTION_MASTER_KEY` (and, with an environment,
   * `ENCRYPTION_MASTER_KEY_PROD` and such), `SECRETS_MASTER_KEY`, `SECRETS_KEY`, `RENDER_SECRET_ENCRYPTION_MASTER_KEY`, or
   * `MASTER_PASSWORD` with `ENCRYPTION_SALT` (PBKDF2-HMAC-SHA512, 100,000 iterations, of its bytes as they are). Other
   * programs use these names too, so a name that is not given here is never read. Default none.
   */
  readonly aliases?: readonly KeyAlias[]
  /**
   * Takes keys that anybody could guess, such as `secret` (a text that is no 32-byte key is hashed into one). For trying
   * things out on data that may be lost; never where secrets are real. Default false.
   */
  readonly allowInsecureKey?: boolean
  /**
   * Takes a file of `MCPVAULT_KEY_FILE` that its group or others can read, and one that belongs to another user, as
   * `keyFromFile` does. Default false.
   */
  readonly allowReadableByOthers?: boolean
}

/**
 * Reads the master key from `MCPVAULT_KEY` or the file that `MCPVAULT_KEY_FILE` names, and from no variable of another
 * name but the `aliases`. `MCPVAULT_PREVIOUS_KEYS` holds older keys, separated by commas. Blanks, line ends and a pair of
 * quotes around a key are no part of it.
 *
 * Throws `VAULT_NO_KEY` when there is none, and `VAULT_CONFIG_INVALID` when two of these variables hold different keys,
 * when the variable of another environment holds the key of this one, and when one holds no key, a known default or a key
 * that is not random.
 *
 * @example
 * const keys = keyFromEnv({ environment: 'prod' })
 */
export function keyFromEnv(options: KeyFromEnvOptions = {}): KeyProvider {
  const own = checkOptions(options, ['env', 'environment', 'aliases', 'allowInsecureKey', 'allowReadableByOthers'])
  const { env = process.env, environment, allowInsecureKey = false, allowReadableByOthers } = own
  const read: Lookup['read'] = (variable) => (Object.hasOwn(env, variable) ? env[variable] || undefined : undefined)
  const lookup: Lookup = { read, aliases: checkAliases(own.aliases), allowInsecureKey, allowReadableByOthers }
  const ofEnvironment = readEnvironment(lookup, environment)
  if (environment !== undefined && ofEnvironment !== undefined) refuseSharedKey(env, environment)
  const found = ofEnvironment ?? readShared(lookup)
  const held = holdKeys([...found.materials, ...readPrevious(lookup)], previousKeysVariable)
  const current = found.derived ?? (found.materials.length === 0 ? undefined : held[0])
  if (current === undefined) throw noKey(lookup, environment)
  return localProvider({ id: 'env', current, previous: held })
}

interface Lookup {
  /** The variable's text, unless it is empty. */
  read(variable: string): string | undefined
  readonly aliases: readonly KeyAlias[]
  readonly allowInsecureKey: boolean
  readonly allowReadableByOthers: boolean | undefined
}

interface FoundKeys {
  /** The current key, when it is of a passphrase; else the first of the materials is. */
  readonly derived?: DerivedKey
  readonly materials: readonly KeyMaterial[]
}

interface Candidate {
  readonly variable: string
  readonly keyId: string | undefined
  readonly bytes: Buffer
}

function checkAliases(aliases: readonly KeyAlias[] = []): readonly KeyAlias[] {
  if (!Array.isArray(aliases)) throw new TypeError('aliases must be an array')
  if (aliases.some((alias) => !keyAliases.includes(alias)))
    throw invalidConfig('aliases', `must hold no names but ${keyAliases.join(', ')}.`)
  return [...aliases]
}

// Names a variable that would be read if it was asked for: its owner may take it for one that is.
function noKey({ read, aliases }: Lookup, environment: string | undefined): VaultError {
  const isSet = (alias: KeyAlias): boolean =>
    [alias, ...(environment === undefined ? [] : variablesOf(environment, [alias]))].some(
      (name) => read(name) !== undefined,
    )
  const alias = keyAliases.find((each) => !aliases.includes(each) && isSet(each))
  if (alias === undefined) return new VaultError('VAULT_NO_KEY')
  const detail = `${alias} is set, but other programs use that name too. To read it, call keyFromEnv({ aliases: ['${alias}'] }).`
  return new VaultError('VAULT_NO_KEY', { detail })
}

function readEnvironment(lookup: Lookup, environment: string | undefined): FoundKeys | undefined {
  if (environment === undefined) return undefined
  if (typeof environment !== 'string') throw new TypeError('environment must be a string')
  if (!/^[A-Za-z0-9_]{1,64}$/.test(environment) || environment.toLowerCase() === 'file') {
    throw invalidConfig('environment', 'must be 1 to 64 letters, digits and _, and not file.')
  }
  const candidates = readCandidates(lookup, variablesOf(environment, lookup.aliases))
  return candidates.length === 0 ? undefined : { materials: oneKey(candidates) }
}

/** A development key that is also that of production opens everything there. */
function refuseSharedKey(env: Readonly<Record<string, string | undefined>>, environment: string): void {
  const keys = environmentKeys(env)
  const own = keys.find((key) => key.environment === environmentName(environment))
  const other = keys.find((key) => key.environment !== own?.environment && key.fingerprint === own?.fingerprint)
  if (own === undefined || other === undefined) return
  const name = /^\w{1,64}$/.test(other.variable) ? other.variable : 'the variable of another environment'
  throw invalidConfig(own.variable, `must not hold the same key as ${name}. Give each environment a key of its own.`)
}

function readShared(lookup: Lookup): FoundKeys {
  const candidates = readCandidates(lookup, keyVariablesOf(lookup.aliases))
  const path = trimKeyText(lookup.read(keyFileVariable) ?? '') || undefined
  const [fromFile, ...previous] = path === undefined ? [] : readKeyFile(path, { field: keyFileVariable, ...lookup })
  if (fromFile !== undefined) candidates.push({ variable: keyFileVariable, ...fromFile })
  else if (path !== undefined) throw invalidConfig(keyFileVariable, 'must name a file with a key in it.')
  const pair = readPassphrase(lookup)
  if (pair !== undefined && candidates.length === 0) return { derived: pair.key, materials: [] }
  if (pair !== undefined) candidates.push({ variable: passphraseVariable, keyId: undefined, bytes: pair.deriveNow() })
  return { materials: [...oneKey(candidates), ...previous] }
}

function readCandidates(lookup: Lookup, variables: readonly string[]): Candidate[] {
  return variables.flatMap((variable) => {
    const text = lookup.read(variable)
    if (text === undefined || trimKeyText(text) === '') return []
    return [{ variable, ...readKeyText(text, { field: variable, allowInsecureKey: lookup.allowInsecureKey }) }]
  })
}

// The one key that all candidates hold, or none when there are none.
function oneKey(candidates: readonly Candidate[]): readonly KeyMaterial[] {
  const [first, ...others] = candidates
  if (first === undefined) return []
  const different = others.find(({ bytes }) => !sameBytes(bytes, first.bytes))
  if (different !== undefined)
    throw invalidConfig(different.variable, `must hold the same key as ${first.variable}. Keep one of them.`)
  const fingerprint = fingerprintKeyId(first.bytes)
  const named = candidates.filter(({ keyId = fingerprint }) => keyId !== fingerprint)
  const { keyId = fingerprint, variable } = named[0] ?? first
  const renamed = named.find((candidate) => candidate.keyId !== keyId)
  if (renamed !== undefined)
    throw invalidConfig(renamed.variable, `must give the key the same id as ${variable}. Keep one of them.`)
  for (const { bytes } of others) wipe(bytes)
  return [{ keyId, bytes: first.bytes }]
}

function readPrevious({ read, allowInsecureKey }: Lookup): readonly KeyMaterial[] {
  const texts = trimKeyText(read(previousKeysVariable) ?? '').split(',')
  const source = { field: previousKeysVariable, allowInsecureKey }
  return texts.filter((text) => trimKeyText(text) !== '').map((text) => parseKeyText(text, source))
}

// What the older system derived with: its data's key must come out, so the iterations are the floor and not the default.
const passphraseIterations = 100_000

function readPassphrase(lookup: Lookup): { key: DerivedKey; deriveNow(): Buffer } | undefined {
  const { read, aliases, allowInsecureKey } = lookup
  const passphrase = aliases.includes(passphraseVariable) ? read(passphraseVariable) : undefined
  if (passphrase === undefined) return undefined
  const saltText = read(passphraseSaltVariable)
  if (saltText === undefined) throw invalidConfig(passphraseSaltVariable, 'must be set beside MASTER_PASSWORD.')
  if (!allowInsecureKey && isWeakPassphrase(passphrase))
    throw invalidConfig(
      passphraseVariable,
      'must be harder to guess: at least 12 characters, 6 of them different, no repeated text or row of characters.',
    )
  const salt = utf8Bytes(saltText)
  const stretch = parseStretch({ kdf: 'pbkdf2-sha512', iterations: passphraseIterations })
  return {
    key: passphraseKey({ passphrase, salt, stretch }),
    deriveNow: () => pbkdf2Now({ password: utf8Bytes(passphrase), salt, iterations: passphraseIterations }),
  }
}
