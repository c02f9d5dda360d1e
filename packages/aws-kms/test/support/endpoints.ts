// KMS clients of the tests, and what a key provider is asked with.
import { randomBytes } from 'node:crypto'
import { KMSClient } from '@aws-sdk/client-kms'
import type { KeyScope } from '@mcpvault/core'
import type { KmsCredentials } from '@mcpvault/testkit/kms'

/** A real client of an endpoint. */
export function clientOf(
  endpoint: { readonly url: string; readonly region: string; readonly credentials: KmsCredentials },
  { maxAttempts = 1, credentials = endpoint.credentials }: { maxAttempts?: number; credentials?: KmsCredentials } = {},
): KMSClient {
  const { url, region } = endpoint
  const { accessKeyId, secretAccessKey } = credentials
  return new KMSClient({ endpoint: url, region, credentials: { accessKeyId, secretAccessKey }, maxAttempts })
}

export const scope: KeyScope = Object.freeze({
  vaultId: randomBytes(16),
  kind: 'values',
  server: 'github',
  owner: 'alice',
})

export function newDekId(): Buffer {
  return randomBytes(16)
}
