// Opens the records of an archive as they come: the record seal, and every kept version.
import { copyBytes, sameBytes, wipe } from '../bytes/index.ts'
import type { CallOptions, SecretRef, StoredDataKey, StoredSecret } from '../contracts/index.ts'
import { formatMaxValueBytes, openValue, parseSealedValue, recordEncoding, recordSealHolds } from '../envelope/index.ts'
import { isVaultError, VaultError, type VaultErrorCode } from '../errors/index.ts'
import type { DataKey, KeyWrapping } from '../keys/index.ts'
import { mapConcurrent } from '../time/index.ts'
import { itemsAtATime } from '../transfer/copy-pages.ts'

/** A record of an archive that does not open, or one version of it. */
export interface RecordProblem extends SecretRef {
  readonly version?: number
  readonly code: VaultErrorCode
}

/** What came of a group of records. */
export interface OpenedRecords {
  /** Versions that opened. */
  readonly versions: number
  readonly problems: readonly RecordProblem[]
}

export interface RecordOpener {
  /** Keeps a data key for the secrets that follow. */
  keep(row: StoredDataKey): void
  /** The data key of a record's seal, when the seal holds. Throws a VaultError when it does not. */
  trust(record: StoredSecret): Promise<DataKey>
  open(records: readonly StoredSecret[], call: CallOptions): Promise<OpenedRecords>
}

/** Twice as many as a writer counts on, see `walk-store.ts`. */
const keptKeys = 8_192

interface KeptKey {
  readonly row: StoredDataKey
  key: Promise<DataKey> | undefined
}

export function recordOpener(wrapping: KeyWrapping, vaultId: Uint8Array): RecordOpener {
  const kept = new Map<string, KeptKey>()

  const keyFor = (id: string, { owner, server }: SecretRef): Promise<DataKey> => {
    const found = kept.get(id)
    const isOwn = found !== undefined && found.row.scope.owner === owner && found.row.scope.server === server
    if (!isOwn) throw new VaultError('VAULT_KEY_UNKNOWN', { detail: 'The data key is not in the archive.' })
    found.key ??= wrapping.unwrapRow(found.row)
    return found.key
  }

  async function trust(record: StoredSecret): Promise<DataKey> {
    const { ref, dekId, mac } = record
    const dek = await keyFor(dekId, ref)
    const encoded = recordEncoding(vaultId, record)
    if (encoded === undefined || !recordSealHolds({ dek: dek.key, encoded, mac }))
      throw new VaultError('VAULT_OPEN_FAILED', { ref })
    return dek
  }

  async function openVersion({ ref }: StoredSecret, stored: StoredSecret['versions'][number]): Promise<void> {
    const { envelope, commitment, version } = stored
    if (envelope === undefined) throw new VaultError('VAULT_OPEN_FAILED', { ref })
    const sealed = parseSealedValue(envelope)
    if (!sameBytes(sealed.commitment, commitment)) throw new VaultError('VAULT_OPEN_FAILED', { ref })
    const { key } = await keyFor(sealed.dekId, ref)
    const context = { vaultId, server: ref.server, owner: ref.owner, name: ref.name, version }
    wipe(openValue({ dek: key, context, envelope, maxValueBytes: formatMaxValueBytes }))
  }

  /** A record whose seal does not hold says nothing that its versions could be opened by. */
  async function openRecord(record: StoredSecret): Promise<OpenedRecords> {
    const { owner, server, name } = record.ref
    const sealCode = await codeOf(() => trust(record))
    if (sealCode !== undefined) return { versions: 0, problems: [{ owner, server, name, code: sealCode }] }
    const problems: RecordProblem[] = []
    for (const stored of record.versions) {
      const code = await codeOf(() => openVersion(record, stored))
      if (code !== undefined) problems.push({ owner, server, name, version: stored.version, code })
    }
    return { versions: record.versions.length - problems.length, problems }
  }

  return {
    keep(row) {
      // Copied, since the bytes of an entry are part of a whole frame.
      kept.set(row.id, { row: { ...row, wraps: row.wraps.map(copyBytes) }, key: undefined })
      const [oldest] = kept.keys()
      if (kept.size > keptKeys && oldest !== undefined) kept.delete(oldest)
    },
    trust,
    async open(records, { signal }) {
      const found = await mapConcurrent(records, { limit: itemsAtATime, signal }, openRecord)
      return {
        versions: found.reduce((sum, { versions }) => sum + versions, 0),
        problems: found.flatMap(({ problems }) => problems),
      }
    },
  }
}

/** The code of what the work throws. Throws what may go away by itself, such as a key service that does not answer. */
async function codeOf(work: () => Promise<unknown>): Promise<VaultErrorCode | undefined> {
  try {
    await work()
    return undefined
  } catch (error) {
    if (isVaultError(error) && !error.retryable) return error.code
    throw error
  }
}
