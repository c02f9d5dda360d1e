// The keys of the endpoint: their material, their state, their aliases, and the ciphertexts under them.
import { createCipheriv, createDecipheriv, randomBytes, randomUUID } from 'node:crypto'
import { kmsFailure } from './failure.ts'
import type { PolicyDocument } from './policy.ts'

export type KeyState = 'Enabled' | 'Disabled' | 'PendingDeletion' | 'Unavailable'

export interface KmsKey {
  readonly arn: string
  readonly name: string
  /** The newest last. A multi-Region key shares it with its replicas. */
  readonly material: Buffer[]
  readonly state: KeyState
  readonly policy: PolicyDocument
}

export type Context = Readonly<Record<string, string>>

/** The name of a new key. */
export function newKeyName(kind: 'single' | 'multi-Region'): string {
  return kind === 'single' ? randomUUID() : `mrk-${randomUUID().replaceAll('-', '')}`
}

const ivBytes = 12
const tagBytes = 16

/** The blob names its key, so that it can be found without being named. */
export function encryptUnder(key: KmsKey, plaintext: Uint8Array, context: Context): Buffer {
  const version = key.material.length - 1
  const iv = randomBytes(ivBytes)
  const cipher = createCipheriv('aes-256-gcm', key.material[version] ?? Buffer.alloc(0), iv)
  cipher.setAAD(canonical(context))
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()])
  const name = Buffer.from(key.name)
  return Buffer.concat([Buffer.of(name.length), name, Buffer.of(version), iv, cipher.getAuthTag(), ciphertext])
}

/** The name of the key in a blob. Throws `InvalidCiphertextException`. */
export function keyNameIn(blob: Buffer): string {
  const length = blob[0] ?? 0
  if (blob.length < 2 + length + ivBytes + tagBytes) throw kmsFailure('InvalidCiphertextException')
  return blob.subarray(1, 1 + length).toString()
}

/** Opens a blob of this key. Throws `InvalidCiphertextException`. */
export function decryptUnder(key: KmsKey, blob: Buffer, context: Context): Buffer {
  const at = 1 + keyNameIn(blob).length
  const material = key.material[blob[at] ?? -1]
  const iv = blob.subarray(at + 1, at + 1 + ivBytes)
  const tag = blob.subarray(at + 1 + ivBytes, at + 1 + ivBytes + tagBytes)
  if (material === undefined) throw kmsFailure('InvalidCiphertextException')
  try {
    const decipher = createDecipheriv('aes-256-gcm', material, iv, { authTagLength: tagBytes })
    decipher.setAAD(canonical(context))
    decipher.setAuthTag(tag)
    return Buffer.concat([decipher.update(blob.subarray(at + 1 + ivBytes + tagBytes)), decipher.final()])
  } catch {
    throw kmsFailure('InvalidCiphertextException')
  }
}

function canonical(context: Context): Buffer {
  return Buffer.from(JSON.stringify(Object.entries(context).sort(([a], [b]) => (a < b ? -1 : 1))))
}
