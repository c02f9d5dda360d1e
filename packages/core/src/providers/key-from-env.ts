// keyFromEnv: the master key from environment variables, under its own names and those of older systems.
import { sameBytes, utf8Bytes, wipe } from '../bytes/index.ts'
import type { KeyProvider } from '../contracts/index.ts'
import { VaultError } from '../errors/index.ts'
import {
  keyFileVariable,
  keyVariables,
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
import { parseStretch, pbkdf2Now } from './stretch.ts'
import { isWeakPassphrase } from './weak-key.ts'

/** Where and how to look. */
export interface KeyFromEnvOptions {
  /** Default `process.env`. Variables that are empty, or hold nothing but blanks and quotes, count as absent. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Such as `prod`: `MCPVAULT_KEY_PROD` and `ENCRYPTION_MASTER_KEY_PROD` then go before all names without an environment. */
  readonly environment?: string
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
 * Reads the master key from `MCPVAULT_KEY`, `MCPVAULT_KEY_FILE` or, of older systems, `ENCRYPTION_MASTER_KEY`,
 * `SECRETS_MASTER_KEY`, `SECRETS_KEY`, `RENDER_SECRET_ENCRYPTION_MASTER_KEY`, or `MASTER_PASSWORD` with `ENCRYPTION_SALT`
 * (PBKDF2-HMAC-SHA512, 100,000 iterations, of its bytes as they are). `MCPVAULT_PREVIOUS_KEYS` holds older keys, separated by commas.
 *
 * Throws `VAULT_NO_KEY` when there is none, and `VAULT_CONFIG_INVALID` when two variables hold different keys, or one
 * holds no key, a known default or a key that is not random.
 *
 * @example
 * const keys = keyFromEnv({ environment: 'prod' })
 */
export function keyFromEnv(options: KeyFromEnvOptions = {}): KeyProvider {
  const own = checkOptions(options, ['env', 'environment', 'allowInsecureKey', 'allowReadableByOthers'])
  const { env = process.env, environment, allowInsecureKey = false, allowReadableByOthers } = own
  const read: Lookup['read'] = (variable) => (Object.hasOwn(env, variable) ? env[variable] || undefined : undefined)
  const lookup: Lookup = { read, allowInsecureKey, allowReadableByOthers }
  const found = readEnvironment(lookup, environment) ?? readShared(lookup)
  const held = holdKeys([...found.materials, ...readPrevious(lookup)], previousKeysVariable)
  const current = found.derived ?? (found.materials.length === 0 ? undefined : held[0])
  if (current === undefined) throw new VaultError('VAULT_NO_KEY')
  return localProvider({ id: 'env', current, previous: held })
}

interface Lookup {
  /** The variable's text, unless it is empty. */
  read(variable: string): string | undefined
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

function readEnvironment(lookup: Lookup, environment: string | undefined): FoundKeys | undefined {
  if (environment === undefined) return undefined
  if (typeof environment !== 'string') throw new TypeError('environment must be a string')
  if (!/^[A-Za-z0-9_]{1,64}$/.test(environment) || environment.toLowerCase() === 'file') {
    throw invalidConfig('environment', 'must be 1 to 64 letters, digits and _, and not file.')
  }
  const candidates = readCandidates(lookup, variablesOf(environment))
  return candidates.length === 0 ? undefined : { materials: oneKey(candidates) }
}

function readShared(lookup: Lookup): FoundKeys {
  const candidates = readCandidates(lookup, keyVariables)
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
    throw invalidConfig(different.variable, 'must hold the same key as the other variables. Keep one of them.')
  const fingerprint = fingerprintKeyId(first.bytes)
  const named = candidates.filter(({ keyId = fingerprint }) => keyId !== fingerprint)
  const keyId = named[0]?.keyId ?? fingerprint
  const renamed = named.find((candidate) => candidate.keyId !== keyId)
  if (renamed !== undefined)
    throw invalidConfig(renamed.variable, 'must give the key the same id as the other variables. Keep one of them.')
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

function readPassphrase({ read, allowInsecureKey }: Lookup): { key: DerivedKey; deriveNow(): Buffer } | undefined {
  const passphrase = read(passphraseVariable)
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
