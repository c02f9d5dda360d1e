// The contexts that values and wrapped keys are bound to, built from what the caller asks for and never from a row.
import { createHash } from 'node:crypto'
import type { KeyScope } from '../contracts/index.ts'
import { textField, u64Field, vaultIdField } from './fields.ts'

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

const encodingVersion = Uint8Array.of(1)
const secretValueKind = Uint8Array.of(1)
const scopeKinds = { values: Uint8Array.of(1), audit: Uint8Array.of(2), archive: Uint8Array.of(3) } as const

const refusal = 'VAULT_REF_INVALID'

/** The canonical bytes (CTX) of a context. Throws `VAULT_REF_INVALID`. */
export function encodeContext({ vaultId, server, owner, name, version }: ValueContext): Buffer {
  return Buffer.concat([
    encodingVersion,
    vaultIdField(vaultId, refusal),
    textField(server, refusal),
    textField(owner, refusal),
    textField(name, refusal),
    u64Field(version, refusal),
    secretValueKind,
  ])
}

/** The canonical bytes of a key's scope. Throws `VAULT_REF_INVALID`. */
export function encodeKeyScope({ vaultId, kind, server, owner }: KeyScope): Buffer {
  return Buffer.concat([
    encodingVersion,
    vaultIdField(vaultId, refusal),
    scopeKinds[kind],
    textField(server, refusal),
    textField(owner, refusal),
  ])
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
