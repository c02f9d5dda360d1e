// Opens one version of a trusted record.
import { createHash } from 'node:crypto'
import { sameBytes } from '../../bytes/index.ts'
import type { Awaitable } from '../../contracts/index.ts'
import { isSealing, openValue, parseSealedValue } from '../../envelope/index.ts'
import { VaultError } from '../../errors/index.ts'
import type { DataKey } from '../../keys/index.ts'
import { whenReady } from '../../time/index.ts'
import { type Call, signalOf } from '../call.ts'
import { SecretValue } from '../secret-value.ts'
import { type TrustedRecord, valuesScope } from './load.ts'

/** Opens a kept version; undefined when it is not kept. Throws `VAULT_OPEN_FAILED` for altered bytes. */
export function openVersion(call: Call, loaded: TrustedRecord, version: number): Awaitable<SecretValue | undefined> {
  const { ref, versions } = loaded.record
  const stored = versions.find((candidate) => candidate.version === version)
  if (stored === undefined) return undefined
  call.facts.version = version
  const { envelope, encoding, commitment } = stored
  if (envelope === undefined) throw new VaultError('VAULT_OPEN_FAILED', { ref })
  return whenReady(keyOf(call, loaded, { envelope, commitment }), (dek) => {
    const { runtime, facts } = call
    const plaintext = openValue({
      dek: dek.key,
      context: { vaultId: runtime.vaultId, server: ref.server, owner: ref.owner, name: ref.name, version },
      envelope,
      maxValueBytes: runtime.config.limits.valueBytes,
    })
    facts.keyId = dek.keyId
    if (runtime.trail !== undefined) facts.envelopeDigest = createHash('sha256').update(envelope).digest('hex')
    return new SecretValue({ plaintext, encoding, version })
  })
}

/** The key of a sealing that the record speaks of: nearly always the record's own; from before a rekey, another. */
function keyOf(
  call: Call,
  { dek, record }: TrustedRecord,
  { envelope, commitment }: { readonly envelope: Uint8Array; readonly commitment: Uint8Array },
): Awaitable<DataKey> {
  if (isSealing(envelope, { dekId: dek.idBytes, commitment })) return dek
  const sealed = parseSealedValue(envelope)
  if (!sameBytes(commitment, sealed.commitment)) throw new VaultError('VAULT_OPEN_FAILED', { ref: record.ref })
  return call.runtime.keys.byId(sealed.dekId, valuesScope(record.ref), signalOf(call))
}
