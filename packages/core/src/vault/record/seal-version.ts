// Seals a value as the next version of a record.
import { createHash } from 'node:crypto'
import { wipe } from '../../bytes/index.ts'
import type { SecretRef, StoredSecret, StoredVersion } from '../../contracts/index.ts'
import { parseSealedValue, sealValue } from '../../envelope/index.ts'
import { type Call, signalOf } from '../call.ts'
import type { ParsedValue } from '../parse/value.ts'
import { valuesScope } from './load.ts'

/** Seals under the active data key of the scope; the plaintext stays the caller's to wipe. */
export async function sealVersion(
  call: Call,
  next: { readonly ref: SecretRef; readonly version: number; readonly value: ParsedValue },
): Promise<StoredVersion> {
  const { runtime, principal, facts } = call
  const { ref, version, value } = next
  const dek = await runtime.keys.active(valuesScope(ref), signalOf(call))
  const context = { vaultId: runtime.vaultId, ...ref, version }
  const maxValueBytes = runtime.config.limits.valueBytes
  const envelope = sealValue({ dek: dek.key, dekId: dek.idBytes, context, plaintext: value.plaintext, maxValueBytes })
  facts.keyId = dek.keyId
  if (runtime.trail !== undefined) facts.envelopeDigest = createHash('sha256').update(envelope).digest('hex')
  return {
    version,
    encoding: value.encoding,
    state: 'active',
    commitment: parseSealedValue(envelope).commitment,
    createdAt: runtime.config.clock.now(),
    createdBy: principal.id,
    envelope,
  }
}

/** The number that the next version gets: versions are never given twice. */
export function nextVersion(record: StoredSecret | undefined): number {
  return (record?.versions.at(-1)?.version ?? 0) + 1
}

/** The versions with one more, the oldest given up beyond `limit`; kept ones keep their stored bytes. */
export function withVersion(record: StoredSecret, added: StoredVersion, limit: number): readonly StoredVersion[] {
  return [...keptVersions(record), added].slice(-limit)
}

/** The versions of a record as a `put` names them that keeps their stored bytes. */
export function keptVersions({ versions }: StoredSecret): readonly StoredVersion[] {
  return versions.map(({ envelope: _, ...version }) => version)
}

/** Runs work on a value and wipes the value afterwards, whatever happens. */
export async function wipingAfter<T>(value: ParsedValue, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } finally {
    wipe(value.plaintext)
  }
}
