// The text form of an envelope, for exports and URLs.
import { decodeBase64url, encodeBase64url, requireBytes, requireText } from '../bytes/index.ts'
import { VaultError } from '../errors/index.ts'
import { parseSealedValue } from './sealed-value.ts'

const prefix = 'mcv1.'

/**
 * `mcv1.` and base64url without padding. Throws `VAULT_ENVELOPE_INVALID` for bytes that are no envelope.
 *
 * @example
 * const text = encodeTextEnvelope(envelope) // 'mcv1.TUNWAQ...'
 */
export function encodeTextEnvelope(envelope: Uint8Array): string {
  requireBytes(envelope, 'envelope')
  parseSealedValue(envelope)
  return prefix + encodeBase64url(envelope)
}

/**
 * The bytes of a text envelope; only its one canonical spelling is taken. Throws `VAULT_ENVELOPE_INVALID`.
 *
 * @example
 * const envelope = decodeTextEnvelope(text)
 */
export function decodeTextEnvelope(text: string): Buffer {
  requireText(text, 'text')
  const envelope = text.startsWith(prefix) ? decodeBase64url(text.slice(prefix.length)) : undefined
  if (envelope === undefined) throw new VaultError('VAULT_ENVELOPE_INVALID')
  parseSealedValue(envelope)
  return envelope
}
