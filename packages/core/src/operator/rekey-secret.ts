// Seals one secret again under the active data key of its scope: every kept version, then the record.
import { sameBytes, wipe } from '../bytes/index.ts'
import type { SecretRef, StoredVersion } from '../contracts/index.ts'
import { isSealing, openValue, parseSealedValue, sealValue } from '../envelope/index.ts'
import { VaultError } from '../errors/index.ts'
import type { DataKey } from '../keys/index.ts'
import type { Call } from '../vault/operation.ts'
import { commitPut } from '../vault/record/commit.ts'
import { loadRecord, type TrustedRecord, valuesScope } from '../vault/record/load.ts'
import { keyOfVersion } from '../vault/record/open-version.ts'
import { sealingFacts } from '../vault/record/seal-version.ts'

/**
 * The number of versions that were sealed again; undefined when the secret is gone, or all of it is sealed under the
 * active data key. Throws the reason why the record or one of its versions cannot be trusted or written.
 */
export async function rekeySecret(call: Call, ref: SecretRef): Promise<number | undefined> {
  const one: Call = { ...call, ref }
  let count = 0
  const outcome = await commitPut<number | undefined>(one, {
    ref,
    result: () => count,
    async plan() {
      const loaded = await loadRecord(one, ref, 'all')
      if (loaded === undefined) return { result: undefined, event: {} }
      if (loaded.kind === 'untrusted') return { failure: loaded.error, event: {} }
      const { record } = loaded
      const dek = await call.runtime.keys.active(valuesScope(ref), { signal: call.signal })
      const versions: StoredVersion[] = []
      count = 0
      for (const stored of record.versions) {
        const sealed = await sealAgain(one, { loaded, stored, dek })
        if (sealed !== undefined) count++
        const { envelope: _, ...kept } = stored
        versions.push(sealed ?? kept)
      }
      if (count === 0 && record.dekId === dek.id) return { result: undefined, event: {} }
      const current = versions.find(({ version }) => version === record.currentVersion)
      const event = current?.envelope === undefined ? {} : sealingFacts(one, dek, current.envelope)
      return { previous: record, draft: { ...record, versions }, updatedAt: record.updatedAt, event }
    },
  })
  if ('failure' in outcome) throw outcome.failure
  return outcome.result
}

/** One version under `dek`, opened again and compared with what it was; undefined when it is sealed under `dek` already. */
async function sealAgain(
  call: Call,
  at: { readonly loaded: TrustedRecord; readonly stored: StoredVersion; readonly dek: DataKey },
): Promise<StoredVersion | undefined> {
  const { loaded, stored, dek } = at
  const { ref } = loaded.record
  const { envelope, commitment, version } = stored
  if (envelope === undefined) throw new VaultError('VAULT_OPEN_FAILED', { ref })
  if (isSealing(envelope, { dekId: dek.idBytes, commitment })) return undefined
  const isUnderSeal = isSealing(envelope, { dekId: loaded.dek.idBytes, commitment })
  const old = isUnderSeal ? loaded.dek : await keyOfVersion(call, { ...loaded, envelope, commitment })
  const { vaultId, config } = call.runtime
  const sealing = { context: { vaultId, ...ref, version }, maxValueBytes: config.limits.valueBytes }
  const plaintext = openValue({ ...sealing, dek: old.key, envelope })
  try {
    const sealed = sealValue({ ...sealing, dek: dek.key, dekId: dek.idBytes, plaintext })
    const opened = openValue({ ...sealing, dek: dek.key, envelope: sealed })
    try {
      if (!sameBytes(opened, plaintext)) throw new VaultError('VAULT_OPEN_FAILED', { ref })
    } finally {
      wipe(opened)
    }
    return { ...stored, envelope: sealed, commitment: parseSealedValue(sealed).commitment }
  } finally {
    wipe(plaintext)
  }
}
