// Reads one secret of a store that is in use, with every data key that its versions are sealed under.
import type { CallOptions, SecretRef, StoredDataKey, StoredSecret, VaultStore } from '../contracts/index.ts'
import { parseSealedValue } from '../envelope/index.ts'
import { isVaultError } from '../errors/index.ts'

/** A record, and the rows of its data keys as far as they are needed. */
export interface SecretWithKeys {
  readonly record: StoredSecret
  readonly rows: readonly StoredDataKey[]
}

interface Reading {
  readonly store: VaultStore
  readonly call: CallOptions
  /** Ids of data keys that the archive has just before this place. */
  readonly recent: ReadonlySet<string>
}

/** A record that was sealed again has another data key, and the old one may go before it is read. */
const maxTries = 5

/**
 * Undefined when there is no such secret any more. A record whose data key is not stored is read again; if it still names
 * that key, it is as lost in the store as it will be in the archive.
 */
export async function readWithKeys(
  { store, call, recent }: Reading,
  ref: SecretRef,
): Promise<SecretWithKeys | undefined> {
  for (let tries = 1; ; tries++) {
    call.signal?.throwIfAborted()
    const record = await store.secrets.find(ref, 'all', call)
    if (record === undefined) return undefined
    if (record.isDamaged === true) return { record, rows: [] }
    const scope = { kind: 'values', owner: ref.owner, server: ref.server } as const
    const ids = dataKeyIds(record).filter((id) => !recent.has(id))
    const rows = await Promise.all(ids.map((id) => store.dataKeys.find(id, scope, call)))
    const found = rows.filter((row) => row !== undefined)
    if (found.length === ids.length || tries === maxTries) return { record, rows: found }
  }
}

/** The data keys of a record: that of its seal, and those of versions that were sealed earlier. */
export function dataKeyIds({ dekId, versions }: StoredSecret): readonly string[] {
  const ids = new Set([dekId])
  for (const { envelope } of versions) {
    const id = envelope && sealedUnder(envelope)
    if (id !== undefined) ids.add(id)
  }
  return [...ids]
}

function sealedUnder(envelope: Uint8Array): string | undefined {
  try {
    return parseSealedValue(envelope).dekId
  } catch (error) {
    if (isVaultError(error)) return undefined
    throw error
  }
}
