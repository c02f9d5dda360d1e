// From the body of a write to a value in the vault.
import { Buffer } from 'node:buffer'
import type { SecretInfo, SecretInput, SecretScope } from '@mcpvault/core'
import type { z } from 'zod'
import { dropUndefined } from '../call.ts'
import type { setBody } from '../schemas/secrets.ts'
import type { GuardOptions } from './guard.ts'

/** Stores a value as its body says; bytes that were made of base64 are wiped after. */
export async function setSecret(
  scope: SecretScope,
  name: string,
  write: {
    readonly body: Omit<z.output<typeof setBody>, 'ifVersion' | 'ifRevision'>
    readonly guard: GuardOptions
    readonly signal: AbortSignal
  },
): Promise<SecretInfo> {
  const { value, encoding, expiresAt, ...settings } = write.body
  const expiry = expiresAt === undefined || expiresAt === null ? { expiresAt } : { expiresAt: new Date(expiresAt) }
  const options = { ...dropUndefined({ ...settings, ...expiry }), ...write.guard, signal: write.signal }
  const input: SecretInput = encoding === 'bytes' && typeof value === 'string' ? Buffer.from(value, 'base64') : value
  try {
    return await scope.set(name, input, options)
  } finally {
    if (input instanceof Uint8Array) input.fill(0)
  }
}
