// The cursors of pages: sealed, so that they say nothing of what a page left out, and bound to their question.
import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomBytes } from 'node:crypto'
import { decodeBase64url, encodeBase64url, utf8Bytes, wipe } from '../bytes/index.ts'
import { kdf } from '../envelope/index.ts'
import { VaultError } from '../errors/index.ts'

/** Who asks, by which verb, and with which filters; limit and cursor are no part of it. */
export type PageQuestion = readonly unknown[]

/** Where a page ends: numbers and texts that the store knows. */
export type Place = readonly (string | number)[]

/** Seals and opens places. */
export interface Cursors {
  seal(place: Place, request: CursorRequest): Promise<string>
  /** Throws `VAULT_VALUE_INVALID` for a cursor of another question or vault, and for an altered one. */
  open(cursor: string, request: CursorRequest): Promise<readonly unknown[]>
}

export interface CursorRequest {
  readonly question: PageQuestion
  readonly signal: AbortSignal | undefined
}

const label = 'mcpvault/1/cursor'
const saltBytes = 32
const tagBytes = 16
/** Places are padded to this, so that the length of a cursor says nothing of them. */
const placeBytes = 128

/**
 * Creates the cursors of one vault. All its processes share their key, which is derived from the vault's root key when it
 * is first needed. Each cursor has a message key of its own, so no nonce is used twice.
 */
export function createCursors({
  vaultId,
  root,
}: {
  readonly vaultId: Uint8Array
  readonly root: (signal: AbortSignal | undefined) => Promise<KeyObject>
}): Cursors {
  let derived: KeyObject | undefined
  const keyOf = async (signal: AbortSignal | undefined): Promise<KeyObject> => {
    derived ??= createSecretKey(kdf(await root(signal), label, vaultId).subarray(0, 32))
    return derived
  }

  return {
    async seal(place, { question, signal }) {
      const salt = randomBytes(saltBytes)
      const message = messageKey(await keyOf(signal), salt)
      const cipher = createCipheriv('aes-256-gcm', message.key, message.nonce)
      wipe(message.key)
      cipher.setAAD(boundTo(question))
      const text = utf8Bytes(JSON.stringify(place).padEnd(placeBytes))
      return encodeBase64url(Buffer.concat([salt, cipher.update(text), cipher.final(), cipher.getAuthTag()]))
    },
    async open(cursor, { question, signal }) {
      const bytes = cursorBytes(cursor)
      const message = messageKey(await keyOf(signal), bytes.subarray(0, saltBytes))
      const decipher = createDecipheriv('aes-256-gcm', message.key, message.nonce, { authTagLength: tagBytes })
      wipe(message.key)
      decipher.setAAD(boundTo(question))
      decipher.setAuthTag(bytes.subarray(-tagBytes))
      const sealed = bytes.subarray(saltBytes, -tagBytes)
      let text: string
      try {
        text = Buffer.concat([decipher.update(sealed), decipher.final()]).toString('utf8')
      } catch {
        throw badCursor()
      }
      return JSON.parse(text)
    },
  }
}

/** The bytes of a cursor. Throws `VAULT_VALUE_INVALID` for a text that cannot be one. */
export function cursorBytes(cursor: string): Buffer {
  const bytes = cursor.length > 1_024 ? undefined : decodeBase64url(cursor)
  if (bytes === undefined || bytes.length < saltBytes + placeBytes + tagBytes) throw badCursor()
  return bytes
}

function messageKey(key: KeyObject, salt: Uint8Array): { readonly key: Buffer; readonly nonce: Buffer } {
  const bytes = kdf(key, label, salt)
  return { key: bytes.subarray(0, 32), nonce: bytes.subarray(32, 44) }
}

function boundTo(question: PageQuestion): Buffer {
  return utf8Bytes(JSON.stringify(question))
}

/** The error for a cursor that no page gave to this question. */
export function badCursor(): VaultError {
  return new VaultError('VAULT_VALUE_INVALID', {
    detail: 'must be a cursor that a page gave to the same principal, for the same filters.',
    field: 'cursor',
  })
}
