// Keys as text: made, and decoded strictly.
import { createHash, createSecretKey, randomBytes } from 'node:crypto'
import { decodeBase64url, decodeHex, encodeBase64url, utf8Bytes } from '../bytes/index.ts'
import { formatKeyId, keyFingerprint, parseKeyId } from '../envelope/index.ts'
import { faultOfKeyText } from './key-text-fault.ts'
import { invalidConfig } from './options.ts'
import { isKnownDefault, isWeakKey } from './weak-key.ts'

/** A key and the id that names it in wraps. */
export interface KeyMaterial {
  readonly keyId: string
  /** 32 bytes. */
  readonly bytes: Buffer
}

/** Where a key's text stands, and whether guessable keys are taken there. */
export interface KeyTextSource {
  /** The option or variable, for errors. */
  readonly field: string
  readonly allowInsecureKey?: boolean | undefined
}

/**
 * A new key: 32 bytes from the CSPRNG, as base64url.
 *
 * @example
 * console.log(generateKey()) // put it where MCPVAULT_KEY comes from
 */
export function generateKey(): string {
  return encodeBase64url(randomBytes(32))
}

/**
 * A key of 32 bytes in base64url, standard base64 or hex, with an optional id before it: `main#2:...`. Blanks, line ends,
 * a byte order mark and a pair of quotes around it are no part of it. A key without an id is named after a fingerprint of
 * itself. Throws `VAULT_CONFIG_INVALID` for any other text, for known
 * defaults and for keys that are not random.
 */
export function parseKeyText(text: string, source: KeyTextSource = { field: 'key' }): KeyMaterial {
  const { keyId, bytes } = readKeyText(text, source)
  return { keyId: keyId ?? fingerprintKeyId(bytes), bytes }
}

/** As `parseKeyText`, without a name for a key that has none. */
export function readKeyText(
  text: string,
  { field, allowInsecureKey = false }: KeyTextSource,
): { readonly keyId: string | undefined; readonly bytes: Buffer } {
  const trimmed = trimKeyText(text)
  const idEnd = trimmed.lastIndexOf(':')
  const keyPart = trimKeyText(trimmed.slice(idEnd + 1))
  const decoded = allowInsecureKey || !isKnownDefault(keyPart) ? decodeKey(keyPart) : undefined
  const bytes = decoded ?? (allowInsecureKey ? digestOf(keyPart) : undefined)
  // The key goes before its id: what is no key at all, such as a path, is best named by the whole text.
  if (bytes === undefined) throw invalidConfig(field, faultOfKeyText(trimmed, keyPart))
  const keyId = idEnd === -1 ? undefined : localKeyId(trimmed.slice(0, idEnd), field)
  if (allowInsecureKey) return { keyId, bytes }
  checkKeyBytes(bytes, field)
  return { keyId, bytes }
}

/**
 * A text without what editors, shells, Docker and readers of `.env` files leave around it: blanks, line ends, a byte order
 * mark, and one pair of quotes.
 */
export function trimKeyText(text: string): string {
  const trimmed = text.trim()
  const inner = /^(["'])([^"']*)\1$/.exec(trimmed)?.[2]
  return inner === undefined ? trimmed : inner.trim()
}

/** Throws `VAULT_CONFIG_INVALID` for bytes that are not 32 random ones. */
export function checkKeyBytes(bytes: Uint8Array, field: string): void {
  if (bytes.length !== 32) throw invalidConfig(field, 'must be a key of 32 bytes.')
  if (isWeakKey(bytes)) throw invalidConfig(field, 'must be a random key. Make one with generateKey().')
}

/** A key id with a version from 1. */
export function localKeyId(text: string, field: string): string {
  const parts = parseKeyId(text)
  if (parts.version === 0)
    throw invalidConfig(
      field,
      'must have a key id that reads name#version, with a version from 1, or nothing before the key.',
    )
  return formatKeyId(parts)
}

/** Names a key by itself, so that a wrong key is an unknown key and never a corrupt value. */
export function fingerprintKeyId(bytes: Uint8Array): string {
  return formatKeyId({ kekId: `k-${encodeBase64url(keyFingerprint(createSecretKey(bytes)))}`, version: 1 })
}

/** The bytes that a key's text stands for wherever guessable keys are taken. */
export function lenientKeyBytes(text: string): Buffer {
  return readKeyText(text, { field: 'key', allowInsecureKey: true }).bytes
}

// Standard base64 becomes base64url after its alphabet and padding are checked; decodeBase64url then checks the rest.
function decodeKey(text: string): Buffer | undefined {
  const isMixed = /[+/]/.test(text) && /[-_]/.test(text)
  const unpadded = text.length === 44 && text.endsWith('=') ? text.slice(0, -1) : text
  const urlSafe = unpadded.replaceAll('+', '-').replaceAll('/', '_')
  const bytes = text.length === 64 ? decodeHex(text.toLowerCase()) : isMixed ? undefined : decodeBase64url(urlSafe)
  return bytes?.length === 32 ? bytes : undefined
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(utf8Bytes(text)).digest()
}
