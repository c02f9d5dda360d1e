// The 32 bytes in the text of a private half.
import { recoveryPublicKey } from '@mcpvault/core'

const prefix = 'recovery-private:'

/** The bytes of a private half, which the caller wipes. Throws `VAULT_CONFIG_INVALID` for a text that is none. */
export function privateKeyBytes(privateKey: string): Uint8Array {
  // Checks the text, which may have blanks and quotes around it.
  recoveryPublicKey(privateKey)
  const start = privateKey.indexOf(prefix) + prefix.length
  const pooled = Buffer.from(privateKey.slice(start, start + 43), 'base64url')
  const bytes = new Uint8Array(pooled)
  pooled.fill(0)
  return bytes
}

/** The text of a private half of 32 bytes, which are wiped. */
export function privateKeyText(bytes: Uint8Array): string {
  const text = `${prefix}${Buffer.from(bytes).toString('base64url')}`
  bytes.fill(0)
  return text
}
