// keyFromPassphrase: a key derived from a passphrase, once a process.
import { createSecretKey, randomBytes } from 'node:crypto'
import { copyBytes, decodeBase64url, encodeBase64url, utf8Bytes, wipe } from '../bytes/index.ts'
import type { KeyProvider } from '../contracts/index.ts'
import { formatKeyId, kdf, keyFingerprint } from '../envelope/index.ts'
import { VaultError } from '../errors/index.ts'
import { trimKeyText } from './key-text.ts'
import { type DerivedKey, type LocalKey, localProvider } from './local-provider.ts'
import { checkOptions, invalidConfig } from './options.ts'
import { type KdfOptions, parseStretch, type Stretch } from './stretch.ts'
import { isWeakPassphrase } from './weak-key.ts'

/** A passphrase, its salt, and how slowly a key is derived from them. */
export type PassphraseOptions = KdfOptions & {
  /**
   * At least 12 characters, 6 of them different, and no repeated text or row of characters. It is normalised to Unicode NFC, since keyboards write one letter in
   * several ways; nothing else is changed, so a line break at its end makes another passphrase.
   */
  readonly passphrase: string
  /** At least 16 random bytes, or their base64url, as `generateSalt` makes it. It is no secret, and must be kept. */
  readonly salt: Uint8Array | string
}

/**
 * Derives the key at first use, outside the event loop, and keeps it. The key id names the function, its parameters, a
 * fingerprint of them with the salt, and a fingerprint of the key, so every wrap records and authenticates them: after a
 * change of parameters or salt, older wraps are of an unknown key (`VAULT_KEY_UNKNOWN`); another passphrase is
 * `VAULT_KEY_MISMATCH`.
 *
 * Throws `VAULT_CONFIG_INVALID` for a weak passphrase, a short salt, and parameters out of bounds; at use
 * `VAULT_KEY_UNAVAILABLE` when the machine cannot do the derivation.
 *
 * @example
 * const keys = keyFromPassphrase({ passphrase, salt: 'what generateSalt() gave once' })
 */
export function keyFromPassphrase(options: PassphraseOptions): KeyProvider {
  const names = ['passphrase', 'salt', 'kdf', 'cost', 'blockSize', 'parallelization', 'iterations']
  const { passphrase, salt, ...kdfOptions } = checkOptions(options, names)
  if (typeof passphrase !== 'string') throw new TypeError('passphrase must be a string')
  if (/\p{Surrogate}/u.test(passphrase)) throw invalidConfig('passphrase', 'must be well-formed Unicode.')
  if (isWeakPassphrase(passphrase))
    throw invalidConfig(
      'passphrase',
      'must be harder to guess: at least 12 characters, 6 of them different, no repeated text or row of characters.',
    )
  const stretch = parseStretch(kdfOptions)
  return localProvider({
    id: 'passphrase',
    current: passphraseKey({ passphrase: passphrase.normalize('NFC'), salt: saltBytes(salt), stretch }),
    previous: [],
  })
}

/**
 * A new salt: 32 bytes from the CSPRNG, as base64url.
 *
 * @example
 * console.log(generateSalt()) // keep it: the same passphrase with another salt is another key
 */
export function generateSalt(): string {
  return encodeBase64url(randomBytes(32))
}

/** A passphrase that is good enough, and parsed parameters. */
export interface PassphraseKeyOptions {
  readonly passphrase: string
  readonly salt: Uint8Array
  readonly stretch: Stretch
}

/** The key of a passphrase, derived at the first `load`; calls meanwhile share that one derivation. */
export function passphraseKey({ passphrase, salt, stretch }: PassphraseKeyOptions): DerivedKey {
  checkSalt(salt)
  const family = keyFamily(stretch.name, salt)
  let derived: Promise<LocalKey> | undefined
  const derive = async (): Promise<LocalKey> => {
    const password = utf8Bytes(passphrase)
    try {
      const bytes = await stretch.derive(password, salt)
      const kek = createSecretKey(bytes)
      wipe(bytes)
      return { keyId: formatKeyId({ kekId: family + encodeBase64url(keyFingerprint(kek)), version: 1 }), kek }
    } catch (cause) {
      throw new VaultError('VAULT_KEY_UNAVAILABLE', { detail: 'The key could not be derived.', cause })
    } finally {
      wipe(password)
    }
  }
  return {
    family,
    load() {
      derived ??= derive().catch((error: unknown) => {
        // The next call tries again.
        derived = undefined
        throw error
      })
      return derived
    },
  }
}

function keyFamily(name: string, salt: Uint8Array): string {
  const fingerprint = kdf(createSecretKey(salt), 'mcpvault/1/kek-id', utf8Bytes(name)).subarray(0, 8)
  return `${name}-${encodeBase64url(fingerprint)}.`
}

function saltBytes(salt: unknown): Uint8Array {
  if (salt instanceof Uint8Array) return copyBytes(salt)
  if (typeof salt !== 'string') throw new TypeError('salt must be a Uint8Array or a string')
  const bytes = decodeBase64url(trimKeyText(salt))
  if (bytes === undefined) throw invalidConfig('salt', 'must be base64url where it is a string.')
  return bytes
}

const minSaltBytes = 16

function checkSalt(salt: Uint8Array): void {
  if (salt.length < minSaltBytes)
    throw invalidConfig('salt', 'must be at least 16 bytes. Make one with generateSalt().')
}
