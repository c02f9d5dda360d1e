// Opens one version of a trusted record.
import { createHash } from 'node:crypto'
import { sameBytes } from '../bytes/index.ts'
import { openValue, parseSealedValue } from '../envelope/index.ts'
import { VaultError } from '../errors/index.ts'
import { type Call, signalOf } from './call.ts'
import { type TrustedRecord, valuesScope } from './load.ts'
import { SecretValue } from './secret-value.ts'

/** Opens a kept version; undefined when it is not kept. Throws `VAULT_OPEN_FAILED` for altered bytes. */
export async function openVersion(
  call: Call,
  loaded: TrustedRecord,
  version: number,
): Promise<SecretValue | undefined> {
  const { record } = loaded
  const { runtime, facts } = call
  const stored = record.versions.find((candidate) => candidate.version === version)
  if (stored === undefined) return undefined
  facts.version = version
  const { envelope, encoding } = stored
  if (envelope === undefined) throw new VaultError('VAULT_OPEN_FAILED', { ref: record.ref })
  const { dekId, commitment } = parseSealedValue(envelope)
  if (!sameBytes(commitment, stored.commitment)) throw new VaultError('VAULT_OPEN_FAILED', { ref: record.ref })
  const dek =
    dekId === loaded.dek.id ? loaded.dek : await runtime.keys.byId(dekId, valuesScope(record.ref), signalOf(call))
  const plaintext = openValue({
    dek: dek.key,
    context: { vaultId: runtime.vaultId, ...record.ref, version },
    envelope,
    maxValueBytes: runtime.config.limits.valueBytes,
  })
  facts.keyId = dek.keyId
  if (runtime.trail !== undefined) facts.envelopeDigest = createHash('sha256').update(envelope).digest('hex')
  return new SecretValue({ plaintext, encoding, version })
}
