// Seals a value as the next version of a record.
import { createHash } from 'node:crypto'
import { wipe } from '../../bytes/index.ts'
import type { SecretRef, StoredSecret, StoredVersion } from '../../contracts/index.ts'
import { parseSealedValue, sealValue } from '../../envelope/index.ts'
import type { DataKey } from '../../keys/index.ts'
import type { Call, EventFacts } from '../operation.ts'
import type { ParsedValue } from '../parse/value.ts'
import { valuesScope } from './load.ts'

/** A new version, and what its event says of it. */
export interface SealedVersion {
  readonly version: StoredVersion
  readonly facts: EventFacts
}

/** Seals under the active data key of the scope; the plaintext stays the caller's to wipe. */
export async function sealVersion(
  call: Call,
  next: { readonly ref: SecretRef; readonly version: number; readonly value: ParsedValue },
): Promise<SealedVersion> {
  const { runtime, principal, signal } = call
  const { ref, version, value } = next
  const dek = await runtime.keys.active(valuesScope(ref), { signal })
  const context = { vaultId: runtime.vaultId, ...ref, version }
  const maxValueBytes = runtime.config.limits.valueBytes
  const envelope = sealValue({ dek: dek.key, dekId: dek.idBytes, context, plaintext: value.plaintext, maxValueBytes })
  return {
    version: {
      version,
      encoding: value.encoding,
      state: 'active',
      commitment: parseSealedValue(envelope).commitment,
      createdAt: runtime.config.clock.now(),
      createdBy: principal.id,
      envelope,
    },
    facts: sealingFacts(call, dek, envelope),
  }
}

/** What an event says of an envelope that was sealed or opened. */
export function sealingFacts({ runtime }: Call, dek: DataKey, envelope: Uint8Array): EventFacts {
  if (runtime.trail === undefined) return {}
  return { keyId: dek.keyId, envelopeDigest: createHash('sha256').update(envelope).digest('hex') }
}

/** The number of the next version. No number is used twice in one record. */
export function nextVersion(record: StoredSecret | undefined): number {
  return (record?.versions.at(-1)?.version ?? 0) + 1
}

/** The versions with one more, the oldest dropped beyond `limit`; kept ones keep their stored bytes. */
export function withVersion(record: StoredSecret, added: StoredVersion, limit: number): readonly StoredVersion[] {
  return [...keptVersions(record), added].slice(-limit)
}

/** The versions of a record without their envelopes: a `put` of them keeps the stored bytes. */
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
