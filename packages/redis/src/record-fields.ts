// The fields of a secret's hash that hold its record and its counters of use.
import type { SecretRef, StoredSecret } from '@mcpvault/core'
import { decodeSecretRecord } from '@mcpvault/core/adapter'

/** As they came from Redis. */
export interface RecordFields {
  readonly record: unknown
  readonly counters: unknown
}

/** In the order of `RecordFields`. */
export function fieldsOf(name: string): readonly [string, string] {
  return [`r${name}`, `u${name}`]
}

interface Around {
  readonly ref: SecretRef
  readonly envelopeOf?: (version: number, currentVersion: number) => Uint8Array | undefined
}

/** Undefined when there is no record. */
export function recordOf({ record, counters }: RecordFields, around: Around): StoredSecret | undefined {
  if (!Buffer.isBuffer(record)) return undefined
  const [uses = '0', last = ''] = Buffer.isBuffer(counters) ? counters.toString('latin1').split(' ') : []
  return decodeSecretRecord(record, {
    ...around,
    useCount: Number(uses),
    lastUsedAtMs: last === '' ? null : Number(last),
  })
}
