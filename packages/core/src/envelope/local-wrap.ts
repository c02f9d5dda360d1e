// Wraps and unwraps data keys under a key-encryption key that is in this process's memory.
import type { KeyObject } from 'node:crypto'
import type { KeyScope, WrapRequest } from '../contracts/index.ts'
import { encodeKeyScope } from './context.ts'
import { parseKeyId } from './key-id.ts'
import { keyCheckValue, openFailed, openWrapBody, sealWrapBody, wrapSalt } from './wrap-body.ts'
import { encodeWrappedKey, localWrapBytes, type ParsedWrappedKey, parseWrappedKey } from './wrapped-key.ts'

/** A data key and what to wrap it under. */
export interface LocalWrapRequest {
  readonly kek: KeyObject
  /** `kekId#version`. */
  readonly keyId: string
  readonly request: WrapRequest
}

/** One wrapped key, and the scope that the caller expects it to be of. */
export interface LocalUnwrapRequest {
  readonly kek: KeyObject
  readonly record: Uint8Array
  /** What the record says, where it was parsed already. */
  readonly parsed?: ParsedWrappedKey
  readonly scope: KeyScope
}

/** The MCK1 record of a data key under a local key, with a fresh salt. Throws `VAULT_CONFIG_INVALID` for a bad key id. */
export function wrapLocal(request: LocalWrapRequest): Buffer {
  return wrapLocalWith(request, wrapSalt())
}

/** `wrapLocal` with the salt as an argument, for known answers; not for use by other folders. */
export function wrapLocalWith({ kek, keyId, request }: LocalWrapRequest, salt: Uint8Array): Buffer {
  const { dek, dekId, scope } = request
  if (dek.length !== 32) throw new TypeError('dek must be 32 bytes')
  const { kekId, version } = parseKeyId(keyId)
  const record = encodeWrappedKey({
    wrapType: 'local',
    dekId,
    keyCheckValue: keyCheckValue(dek, dekId),
    kekId,
    kekVersion: version,
    wrapped: new Uint8Array(localWrapBytes),
  })
  const wrappedAt = record.length - localWrapBytes
  const binding = Buffer.concat([record.subarray(0, wrappedAt), encodeKeyScope(scope)])
  record.set(sealWrapBody({ kek, dek, binding, salt }), wrappedAt)
  return record
}

/**
 * The data key of a record: 32 bytes in memory of their own, which the caller wipes. Throws `VAULT_ENVELOPE_INVALID`
 * and `VAULT_ENVELOPE_UNSUPPORTED` for bytes that are no record, and `VAULT_OPEN_FAILED` for every other reason.
 */
export function unwrapLocal({ kek, record, parsed = parseWrappedKey(record), scope }: LocalUnwrapRequest): Buffer {
  if (parsed.wrapType !== 'local') throw openFailed()
  const binding = Buffer.concat([record.subarray(0, parsed.wrappedAt), encodeKeyScope(scope)])
  return openWrapBody({ kek, binding, body: parsed.wrapped, parsed })
}
