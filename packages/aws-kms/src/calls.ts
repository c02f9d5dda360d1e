// The calls to KMS, each with its conditions on the answer: what an answer leaves out or changes is never used.
import {
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  ReEncryptCommand,
} from '@aws-sdk/client-kms'
import { type CallOptions, type KeyScope, keyScopeHash, VaultError } from '@mcpvault/core'
import { inRegion, isSameAccount, isSameKey, type KmsArn, parseKmsArn } from './key-arn.ts'
import type { KmsSettings } from './options.ts'

/** What a wrap is bound to. KMS writes it to its log in clear: ids and hashes alone, no names. */
export type EncryptionContext = Record<'mcpvault:vault' | 'mcpvault:dek' | 'mcpvault:scope', string>

export function encryptionContext(dekId: Uint8Array, scope: KeyScope): EncryptionContext {
  return {
    'mcpvault:vault': Buffer.from(scope.vaultId).toString('hex'),
    'mcpvault:dek': Buffer.from(dekId).toString('hex'),
    'mcpvault:scope': keyScopeHash(scope).toString('base64url'),
  }
}

/** What KMS wrapped, and under which key. */
export interface Wrapped {
  /** The ARN of the key, never of an alias. */
  readonly keyArn: string
  readonly ciphertext: Uint8Array
}

/** The calls of one provider. They throw what the client throws, and `VAULT_OPEN_FAILED` for an answer that is not sound. */
export interface KmsCalls {
  generate(context: EncryptionContext, options?: CallOptions): Promise<Wrapped & { readonly dek: Uint8Array }>
  encrypt(dek: Uint8Array, context: EncryptionContext, options?: CallOptions): Promise<Wrapped>
  /** 32 bytes of fresh memory. */
  decrypt(wrapped: Opening, context: EncryptionContext, options?: CallOptions): Promise<Uint8Array>
  reEncrypt(wrapped: Opening, context: EncryptionContext, options?: CallOptions): Promise<Wrapped>
  /** The ARN of the key that new wraps are under. Asks KMS only for an alias. */
  currentKeyArn(options?: CallOptions): Promise<string>
}

/** A wrap to be opened, and the key that is named to KMS for it. */
export interface Opening {
  readonly key: KmsArn
  readonly ciphertext: Uint8Array
}

const dekBytes = 32
const maxCiphertextBytes = 6_144

export function kmsCalls({ client, current, grantTokens }: KmsSettings): KmsCalls {
  const tokens = grantTokens.length === 0 ? {} : { GrantTokens: [...grantTokens] }
  const sending = (options: CallOptions | undefined): { readonly abortSignal?: AbortSignal } =>
    options?.signal === undefined ? {} : { abortSignal: options.signal }

  /** The key of a new wrap: the one that was asked for, or one of the alias's account and region. */
  function checkedNew(keyId: string | undefined, ciphertext: Uint8Array | undefined): Wrapped {
    const key = parseKmsArn(keyId)
    if (key?.kind !== 'key' || !isCurrent(key)) throw unsound('KeyId')
    if (ciphertext === undefined || ciphertext.length < 1 || ciphertext.length > maxCiphertextBytes)
      throw unsound('CiphertextBlob')
    return { keyArn: key.arn, ciphertext }
  }

  function isCurrent(key: KmsArn): boolean {
    if (current.kind === 'key') return isSameKey(key, current) && key.region === current.region
    return isSameAccount(key, current) && key.region === current.region
  }

  return {
    async generate(context, options) {
      const command = new GenerateDataKeyCommand({
        KeyId: current.arn,
        NumberOfBytes: dekBytes,
        EncryptionContext: context,
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

    async encrypt(dek, context, options) {
      const command = new EncryptCommand({ KeyId: current.arn, Plaintext: dek, EncryptionContext: context, ...tokens })
      const { KeyId, CiphertextBlob } = await client.send(command, sending(options))
      return checkedNew(KeyId, CiphertextBlob)
    },

    async decrypt({ key, ciphertext }, context, options) {
      const keyArn = inRegion(key, current.region)
      const command = new DecryptCommand({
        KeyId: keyArn,
        CiphertextBlob: ciphertext,
        EncryptionContext: context,
        ...tokens,
      })
      const { KeyId, Plaintext } = await client.send(command, sending(options))
      const dek = freshKey(Plaintext)
      if (KeyId === keyArn) return dek
      dek.fill(0)
      throw unsound('KeyId')
    },

    async reEncrypt({ key, ciphertext }, context, options) {
      const sourceArn = inRegion(key, current.region)
      const command = new ReEncryptCommand({
        CiphertextBlob: ciphertext,
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

    async currentKeyArn(options) {
      if (current.kind === 'key') return current.arn
      const command = new DescribeKeyCommand({ KeyId: current.arn, ...tokens })
      const { KeyMetadata } = await client.send(command, sending(options))
      const key = parseKmsArn(KeyMetadata?.Arn)
      if (key?.kind !== 'key' || !isCurrent(key)) throw unsound('KeyMetadata.Arn')
      return key.arn
    },
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
