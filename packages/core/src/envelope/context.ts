// The contexts that values and wrapped keys are bound to, built from what the caller asks for and never from a row.
import type { KeyScope } from '../contracts/index.ts'
import { VaultError } from '../errors/index.ts'
import { type Cursor, putBytes, putText, putU8, putU64, textCapacity } from './cursor.ts'

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

const secretValueKind = 1
const scopeKinds = { values: 1, audit: 2 } as const

/** The canonical bytes (CTX) of a context. Throws `VAULT_REF_INVALID`. */
export function encodeContext(context: ValueContext): Buffer {
  const cursor = refCursor(contextCapacity(context))
  putContext(cursor, context)
  return cursor.bytes.subarray(0, cursor.at)
}

/** The most bytes that `putContext` writes. */
export function contextCapacity({ server, owner, name }: ValueContext): number {
  return 26 + textCapacity(server) + textCapacity(owner) + textCapacity(name)
}

export function putContext(cursor: Cursor, context: ValueContext): void {
  putU8(cursor, 1)
  putVaultId(cursor, context.vaultId)
  putText(cursor, context.server)
  putText(cursor, context.owner)
  putText(cursor, context.name)
  putU64(cursor, context.version)
  putU8(cursor, secretValueKind)
}

/** The canonical bytes of a key's scope. Throws `VAULT_REF_INVALID`. */
export function encodeKeyScope({ vaultId, kind, server, owner }: KeyScope): Buffer {
  const cursor = refCursor(18 + textCapacity(server) + textCapacity(owner))
  putU8(cursor, 1)
  putVaultId(cursor, vaultId)
  putU8(cursor, scopeKinds[kind])
  putText(cursor, server)
  putText(cursor, owner)
  return cursor.bytes.subarray(0, cursor.at)
}

/** The id is of fixed length in every format: another length would shift the fields after it. */
export function putVaultId(cursor: Cursor, vaultId: Uint8Array): void {
  if (vaultId.length !== 16) throw new VaultError(cursor.refusal, { field: 'vaultId' })
  putBytes(cursor, vaultId)
}

function refCursor(capacity: number): Cursor {
  return { bytes: Buffer.allocUnsafeSlow(capacity), at: 0, refusal: 'VAULT_REF_INVALID' }
}
