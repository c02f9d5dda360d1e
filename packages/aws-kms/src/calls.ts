// The calls to KMS, each with its conditions on the answer: what an answer leaves out or changes is never used.
import {
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  ReEncryptCommand,
} from '@aws-sdk/client-kms'
import { type CallOptions, keyScopeHash, VaultError } from '@mcpvault/core'
import type { KeyService, ServiceWrap, WrapBinding } from '@mcpvault/core/adapter'
import { inRegion, isSameAccount, isSameKey, type KmsArn, parseKmsArn } from './key-arn.ts'
import type { KmsSettings } from './options.ts'

/** The calls of one provider. They throw what the client throws, and `VAULT_OPEN_FAILED` for an answer that is not sound. */
export type KmsCalls = Pick<KeyService<KmsArn>, 'currentKeyId' | 'generate' | 'encrypt' | 'decrypt' | 'reEncrypt'>

const dekBytes = 32
const maxCiphertextBytes = 6_144

export function kmsCalls({ client, current, grantTokens }: KmsSettings): KmsCalls {
  const tokens = grantTokens.length === 0 ? {} : { GrantTokens: [...grantTokens] }
  const sending = (options: CallOptions | undefined): { readonly abortSignal?: AbortSignal } =>
    options?.signal === undefined ? {} : { abortSignal: options.signal }

  /** The key of a new wrap: the one that was asked for, or one of the alias's account and region. */
  function checkedNew(keyId: string | undefined, ciphertext: Uint8Array | undefined): ServiceWrap {
    const key = parseKmsArn(keyId)
    if (key?.kind !== 'key' || !isCurrent(key)) throw unsound('KeyId')
    if (ciphertext === undefined || ciphertext.length < 1 || ciphertext.length > maxCiphertextBytes)
      throw unsound('CiphertextBlob')
    return { kekId: key.arn, kekVersion: 0, wrapped: ciphertext }
  }

  function isCurrent(key: KmsArn): boolean {
    if (current.kind === 'key') return isSameKey(key, current) && key.region === current.region
    return isSameAccount(key, current) && key.region === current.region
  }

  return {
    async generate(binding, options) {
      const command = new GenerateDataKeyCommand({
        KeyId: current.arn,
        NumberOfBytes: dekBytes,
        EncryptionContext: contextOf(binding),
        ...tokens,
      })
      const { KeyId, CiphertextBlob, Plaintext } = await client.send(command, sending(options))
      const dek = freshKey(Plaintext)
      try {
        return { ...checkedNew(KeyId, CiphertextBlob), dek }
      } catch (error) {
        dek.fill(0)
        throw error
      }
    },

    async encrypt({ dek, ...binding }, options) {
      const command = new EncryptCommand({
        KeyId: current.arn,
        Plaintext: dek,
        EncryptionContext: contextOf(binding),
        ...tokens,
      })
      const { KeyId, CiphertextBlob } = await client.send(command, sending(options))
      return checkedNew(KeyId, CiphertextBlob)
    },

    async decrypt({ key, wrapped, ...binding }, options) {
      const keyArn = inRegion(key, current.region)
      const command = new DecryptCommand({
        KeyId: keyArn,
        CiphertextBlob: wrapped,
        EncryptionContext: contextOf(binding),
        ...tokens,
      })
      const { KeyId, Plaintext } = await client.send(command, sending(options))
      const dek = freshKey(Plaintext)
      if (KeyId === keyArn) return dek
      dek.fill(0)
      throw unsound('KeyId')
    },

    async reEncrypt({ key, wrapped, ...binding }, options) {
      const context = contextOf(binding)
      const sourceArn = inRegion(key, current.region)
      const command = new ReEncryptCommand({
        CiphertextBlob: wrapped,
        SourceKeyId: sourceArn,
        SourceEncryptionContext: context,
        DestinationKeyId: current.arn,
        DestinationEncryptionContext: context,
        ...tokens,
      })
      const { SourceKeyId, KeyId, CiphertextBlob } = await client.send(command, sending(options))
      if (SourceKeyId !== sourceArn) throw unsound('SourceKeyId')
      return checkedNew(KeyId, CiphertextBlob)
    },

    /** Asks KMS only for an alias. */
    async currentKeyId(options) {
      if (current.kind === 'key') return current.arn
      const command = new DescribeKeyCommand({ KeyId: current.arn, ...tokens })
      const { KeyMetadata } = await client.send(command, sending(options))
      const key = parseKmsArn(KeyMetadata?.Arn)
      if (key?.kind !== 'key' || !isCurrent(key)) throw unsound('KeyMetadata.Arn')
      return key.arn
    },
  }
}

/** KMS writes this to its log in clear: ids and hashes alone, no names. */
function contextOf({ dekId, scope }: WrapBinding): Record<string, string> {
  return {
    'mcpvault:vault': Buffer.from(scope.vaultId).toString('hex'),
    'mcpvault:dek': Buffer.from(dekId).toString('hex'),
    'mcpvault:scope': keyScopeHash(scope).toString('base64url'),
  }
}

/** A copy in memory of its own; what the client returned is wiped. */
function freshKey(plaintext: Uint8Array | undefined): Uint8Array {
  if (plaintext?.length !== dekBytes) {
    plaintext?.fill(0)
    throw unsound('Plaintext')
  }
  const dek = new Uint8Array(plaintext)
  plaintext.fill(0)
  return dek
}

function unsound(field: string): VaultError {
  return new VaultError('VAULT_OPEN_FAILED', { field, detail: 'The answer of AWS KMS is not what was asked for.' })
}
