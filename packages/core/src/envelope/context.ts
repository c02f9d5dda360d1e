// The contexts that values and wrapped keys are bound to, built from what the caller asks for and never from a row.
import { createHash } from 'node:crypto'
import type { KeyScope } from '../contracts/index.ts'
import { encoded, putText, putU8, putU64, putVaultId, startEncoding } from './fields.ts'

/** What a sealed value belongs to. It opens for no other vault, owner, server, name or version. */
export interface ValueContext {
  /** 16 bytes. */
  readonly vaultId: Uint8Array
  readonly server: string
  readonly owner: string
  readonly name: string
  /** A non-negative safe integer. */
  readonly version: number
}

const encodingVersion = 1
const secretValueKind = 1
const scopeKinds = { values: 1, audit: 2, archive: 3 } as const

const refusal = 'VAULT_REF_INVALID'
/** Of names of the usual length. */
const expectedBytes = 192

/** The canonical bytes (CTX) of a context. Throws `VAULT_REF_INVALID`. */
export function encodeContext({ vaultId, server, owner, name, version }: ValueContext): Buffer {
  const to = startEncoding(refusal, expectedBytes)
  putU8(to, encodingVersion)
  putVaultId(to, vaultId)
  putText(to, server)
  putText(to, owner)
  putText(to, name)
  putU64(to, version)
  putU8(to, secretValueKind)
  return encoded(to)
}

/** The canonical bytes of a key's scope. Throws `VAULT_REF_INVALID`. */
export function encodeKeyScope({ vaultId, kind, server, owner }: KeyScope): Buffer {
  const to = startEncoding(refusal, expectedBytes)
  putU8(to, encodingVersion)
  putVaultId(to, vaultId)
  putU8(to, scopeKinds[kind])
  putText(to, server)
  putText(to, owner)
  return encoded(to)
}

/**
 * The SHA-256 of a key's scope, 32 bytes: what a key service is given to bind a wrap to its owner and server, since names
 * must not show in the log of that service. Throws `VAULT_REF_INVALID`.
 *
 * @example
 * const context = { 'mcpvault:scope': keyScopeHash(scope).toString('base64url') }
 */
export function keyScopeHash(scope: KeyScope): Buffer {
  return createHash('sha256').update(encodeKeyScope(scope)).digest()
}
