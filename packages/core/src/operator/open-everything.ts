// Opens every data key and every kept version of every secret, and says what does not open. Nothing is written.
import { wipe } from '../bytes/index.ts'
import type { SecretRef } from '../contracts/index.ts'
import { formatMaxValueBytes, isSealing, openValue } from '../envelope/index.ts'
import { lastingCodeOf, VaultError, type VaultErrorCode } from '../errors/index.ts'
import { mapConcurrent } from '../time/index.ts'
import type { Call } from '../vault/operation.ts'
import { loadRecord, type TrustedRecord } from '../vault/record/load.ts'
import { keyOfVersion } from '../vault/record/open-version.ts'
import { dataKeyPages, secretPages } from './pages.ts'
import { countRows, measured, type ParsedWork } from './work.ts'

/** How much was opened. */
export interface OpenedCounts {
  readonly dataKeys: number
  readonly secrets: number
  readonly versions: number
}

/** Something that did not open. */
export interface Unopened {
  /** Absent for the root of the audit trail. */
  readonly owner?: string
  readonly server?: string
  /** Absent for a data key. */
  readonly name?: string
  readonly code: VaultErrorCode
}

/** What a run through the whole vault reports to. */
export interface OpenWork extends Pick<ParsedWork, 'onProgress'> {
  onUnopened(unopened: Unopened): void
}

const dataKeysAtATime = 16
/** Each holds its kept versions in memory. */
const secretsAtATime = 8

/** Throws what may be over soon, such as a key service that does not answer: nothing is known of the rest then. */
export async function openEverything(call: Call, { onProgress, onUnopened }: OpenWork): Promise<OpenedCounts> {
  const { clock } = call.runtime.config
  const count = async () => (await countRows(dataKeyPages(call, {}))) + (await countRows(secretPages(call, {})))
  const report = await measured({ clock, onProgress, count })
  let done = 0
  let dataKeys = 0
  let secrets = 0
  let versions = 0
  for await (const rows of dataKeyPages(call, {})) {
    await mapConcurrent(rows, { limit: dataKeysAtATime, signal: call.signal }, async (row) => {
      const { kind, owner, server } = row.scope
      const code = await lastingCodeOf(() => call.runtime.keys.wrapping.unwrapRow(row))
      if (code === undefined) dataKeys++
      else onUnopened({ ...(kind === 'values' ? { owner, server } : {}), code })
      report(++done)
    })
  }
  for await (const records of secretPages(call, {})) {
    await mapConcurrent(records, { limit: secretsAtATime, signal: call.signal }, async ({ ref }) => {
      let opened = 0
      const code = await lastingCodeOf(async () => {
        opened = await openSecret(call, ref)
      })
      if (code !== undefined) onUnopened({ ...ref, code })
      else if (opened > 0) secrets++
      versions += opened
      report(++done)
    })
  }
  return { dataKeys, secrets, versions }
}

/** The number of versions, all of which opened; 0 when the secret was destroyed meanwhile. */
async function openSecret(call: Call, ref: SecretRef): Promise<number> {
  const loaded = await loadRecord({ ...call, ref }, ref, 'all')
  if (loaded === undefined) return 0
  if (loaded.kind === 'untrusted') throw loaded.error
  for (const version of loaded.record.versions) await openVersion(call, loaded, version)
  return loaded.record.versions.length
}

async function openVersion(
  call: Call,
  { record, dek }: TrustedRecord,
  { version, envelope, commitment }: TrustedRecord['record']['versions'][number],
): Promise<void> {
  const { ref } = record
  if (envelope === undefined) throw new VaultError('VAULT_OPEN_FAILED', { ref })
  const isOwn = isSealing(envelope, { dekId: dek.idBytes, commitment })
  const { key } = isOwn ? dek : await keyOfVersion(call, { record, envelope, commitment })
  const context = { vaultId: call.runtime.vaultId, ...ref, version }
  wipe(openValue({ dek: key, context, envelope, maxValueBytes: formatMaxValueBytes }))
}
