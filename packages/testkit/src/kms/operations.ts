// The operations of KMS that the provider may use. Stricter than KMS: what the provider must never leave out is required.
import { randomBytes } from 'node:crypto'
import { kmsFailure } from './failure.ts'
import { type Context, decryptUnder, encryptUnder, type KmsKey, keyNameIn } from './keys.ts'
import type { World } from './world.ts'

/** The JSON of a request or an answer. */
export type KmsBody = Readonly<Record<string, unknown>>

export type KmsOperation = (body: KmsBody, world: World) => KmsBody

/** By the name in the target of the request. */
export const kmsOperations: Readonly<Record<string, KmsOperation>> = {
  GenerateDataKey(body, world) {
    const context = contextIn(body, 'EncryptionContext')
    const key = world.use({ ...usedIn(body), action: 'GenerateDataKey', context })
    if (body['NumberOfBytes'] !== 32 || body['KeySpec'] !== undefined) throw invalid('NumberOfBytes must be 32')
    const plaintext = randomBytes(32)
    return {
      KeyId: key.arn,
      Plaintext: base64(plaintext),
      CiphertextBlob: base64(encryptUnder(key, plaintext, context)),
    }
  },

  Encrypt(body, world) {
    const context = contextIn(body, 'EncryptionContext')
    const key = world.use({ ...usedIn(body), action: 'Encrypt', context })
    const plaintext = bytesIn(body, 'Plaintext')
    if (plaintext.length !== 32) throw invalid('Plaintext must be a data key')
    return {
      KeyId: key.arn,
      CiphertextBlob: base64(encryptUnder(key, plaintext, context)),
      EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
    }
  },

  Decrypt(body, world) {
    const context = contextIn(body, 'EncryptionContext')
    const key = world.use({ ...usedIn(body), action: 'Decrypt', context })
    const plaintext = decrypted({ key, blob: bytesIn(body, 'CiphertextBlob'), context })
    return { KeyId: key.arn, Plaintext: base64(plaintext), EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' }
  },

  ReEncrypt(body, world) {
    const source = contextIn(body, 'SourceEncryptionContext')
    const destination = contextIn(body, 'DestinationEncryptionContext')
    const { grantTokens } = usedIn({ ...body, KeyId: body['SourceKeyId'] })
    const from = world.use({
      keyId: textIn(body, 'SourceKeyId'),
      action: 'ReEncryptFrom',
      context: source,
      grantTokens,
    })
    const to = world.use({
      keyId: textIn(body, 'DestinationKeyId'),
      action: 'ReEncryptTo',
      context: destination,
      grantTokens,
    })
    const plaintext = decrypted({ key: from, blob: bytesIn(body, 'CiphertextBlob'), context: source })
    return { SourceKeyId: from.arn, KeyId: to.arn, CiphertextBlob: base64(encryptUnder(to, plaintext, destination)) }
  },

  DescribeKey(body, world) {
    const key = world.use({ ...usedIn(body), action: 'DescribeKey' })
    return { KeyMetadata: { Arn: key.arn, KeyId: key.name, KeyState: key.state, KeySpec: 'SYMMETRIC_DEFAULT' } }
  },
}

function decrypted({ key, blob, context }: { key: KmsKey; blob: Buffer; context: Context }): Buffer {
  if (keyNameIn(blob) !== key.name) throw kmsFailure('IncorrectKeyException', 'The ciphertext is of another key.')
  return decryptUnder(key, blob, context)
}

function usedIn(body: KmsBody): { readonly keyId: string; readonly grantTokens: readonly string[] } {
  const tokens = body['GrantTokens'] ?? []
  if (!Array.isArray(tokens) || tokens.length > 10) throw invalid('GrantTokens must be at most 10 texts')
  return { keyId: textIn(body, 'KeyId'), grantTokens: tokens.map(String) }
}

function textIn(body: KmsBody, field: string): string {
  const text = body[field]
  if (typeof text !== 'string' || text === '') throw invalid(`${field} must be given`)
  return text
}

function bytesIn(body: KmsBody, field: string): Buffer {
  return Buffer.from(textIn(body, field), 'base64')
}

/** The context that a request must have, of texts alone. */
function contextIn(body: KmsBody, field: string): Context {
  const context = body[field]
  if (typeof context !== 'object' || context === null) throw invalid(`${field} must be given`)
  const entries = Object.entries(context)
  if (entries.length === 0 || entries.some(([, value]) => typeof value !== 'string')) throw invalid(`${field} is empty`)
  return Object.fromEntries(entries)
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}

function invalid(message: string): ReturnType<typeof kmsFailure> {
  return kmsFailure('ValidationException', message)
}
