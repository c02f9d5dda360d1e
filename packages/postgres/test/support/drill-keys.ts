// The key providers of the rotation drill, in a form that can be sent to another process.
import { KMSClient } from '@aws-sdk/client-kms'
import { awsKms } from '@mcpvault/aws-kms'
import { type KeyProvider, keyRing } from '@mcpvault/core'
import { vaultTransit } from '@mcpvault/vault-transit'

/** Each is what its provider is made of. */
export type DrillKeys =
  | { readonly kind: 'ring'; readonly current: string; readonly keys: Readonly<Record<string, string>> }
  | {
      readonly kind: 'kms'
      readonly url: string
      readonly region: string
      readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
      readonly keyId: string
      readonly previousKeyIds: readonly string[]
    }
  | { readonly kind: 'transit'; readonly url: string; readonly token: string; readonly mount: string }

export function keysOf(keys: DrillKeys): KeyProvider {
  switch (keys.kind) {
    case 'ring':
      return keyRing({ current: keys.current, keys: keys.keys })
    case 'kms': {
      const { url, region, credentials, keyId, previousKeyIds } = keys
      return awsKms({ client: new KMSClient({ endpoint: url, region, credentials }), keyId, previousKeyIds })
    }
    case 'transit':
      return vaultTransit({ url: keys.url, token: keys.token, mount: keys.mount, key: 'mcpvault' })
  }
}
