// Opens one version of a trusted record.
import { sameBytes } from '../../bytes/index.ts'
import { formatMaxValueBytes, isSealing, openValue, parseSealedValue } from '../../envelope/index.ts'
import { VaultError } from '../../errors/index.ts'
import type { DataKey } from '../../keys/index.ts'
import type { Call, EventFacts } from '../operation.ts'
import { MaskedValue, type SecretValue } from '../secret-value.ts'
import { type TrustedRecord, valuesScope } from './load.ts'
import { sealingFacts } from './seal-version.ts'

/** An opened value, and what its event says of it. */
export interface OpenedVersion {
  readonly value: SecretValue
  readonly facts: EventFacts
}

/**
 * Opens a kept version. Undefined when it is not kept, or pending: a value that is only staged is served to nobody.
 * Throws `VAULT_OPEN_FAILED` for altered bytes.
 */
export async function openVersion(
  call: Call,
  { record, dek }: Pick<TrustedRecord, 'record' | 'dek'>,
  version: number,
): Promise<OpenedVersion | undefined> {
  const { ref, versions } = record
  const stored = versions.find((candidate) => candidate.version === version)
  if (stored === undefined || stored.state === 'pending') return undefined
  const { envelope, encoding, commitment } = stored
  if (envelope === undefined) throw new VaultError('VAULT_OPEN_FAILED', { ref })
  const { runtime } = call
  // Nearly always the key of the record seal. A version that was sealed earlier may name another key of the scope.
  const isOwn = isSealing(envelope, { dekId: dek.idBytes, commitment })
  const key = isOwn ? dek : await keyOfVersion(call, { record, envelope, commitment })
  const plaintext = openValue({
    dek: key.key,
    context: { vaultId: runtime.vaultId, server: ref.server, owner: ref.owner, name: ref.name, version },
    envelope,
    // The limit of the vault is for writes: what was stored under a higher one is still read.
    maxValueBytes: formatMaxValueBytes,
  })
  return { value: new MaskedValue({ plaintext, encoding, version }), facts: sealingFacts(call, key, envelope) }
}

/** The data key that a version names, where it is not that of the record seal. Throws `VAULT_OPEN_FAILED` for another envelope. */
export async function keyOfVersion(
  { runtime, signal }: Call,
  sealing: Pick<TrustedRecord, 'record'> & { readonly envelope: Uint8Array; readonly commitment: Uint8Array },
): Promise<DataKey> {
  const { record, envelope, commitment } = sealing
  const sealed = parseSealedValue(envelope)
  if (!sameBytes(commitment, sealed.commitment)) throw new VaultError('VAULT_OPEN_FAILED', { ref: record.ref })
  return runtime.keys.byId(sealed.dekId, valuesScope(record.ref), { signal })
}
