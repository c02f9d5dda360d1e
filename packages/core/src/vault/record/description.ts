// Keeps descriptions, which are stored readable, free of the values that are stored beside them.
import { copyBytes, sameBytes, utf8Bytes, utf8Text, wipe } from '../../bytes/index.ts'
import { VaultError } from '../../errors/index.ts'
import type { Call } from '../operation.ts'
import type { ParsedValue } from '../parse/value.ts'
import { isTampered, type TrustedRecord } from './load.ts'
import { type OpenedVersion, openVersion } from './open-version.ts'

/** Shorter values occur in ordinary words by chance. */
const minValueBytes = 4

/** Throws `VAULT_VALUE_INVALID` when the description, which is stored readable, contains the value. */
export function refuseRepeatedValue(description: string | null | undefined, value: ParsedValue): void {
  if (repeatsValue(description, value))
    throw new VaultError('VAULT_VALUE_INVALID', { detail: 'must not contain the value.', field: 'description' })
}

/** Whether the description contains the value. */
export function repeatsValue(description: string | null | undefined, value: ParsedValue): boolean {
  if (typeof description !== 'string') return false
  const text = utf8Bytes(description)
  return parts(value).some((part) => part.length >= minValueBytes && text.includes(part))
}

/**
 * The same for each kept version, when a record gets another description. It reads and opens them all, which is why it
 * is not done for a description that was compared before.
 */
export async function refuseKeptValues(
  call: Call,
  { record, dek }: Pick<TrustedRecord, 'record' | 'dek'>,
  description: string | undefined,
): Promise<void> {
  if (description === undefined || description === record.description) return
  const found = await call.runtime.store.secrets.find(record.ref, 'all', call.serving)
  // When another record is there now, the write that follows loses to it, and is planned again.
  if (found === undefined || !sameBytes(found.mac, record.mac)) return
  const envelopes = new Map(found.versions.map(({ version, envelope }) => [version, envelope]))
  const versions = record.versions.map((version) => {
    const envelope = envelopes.get(version.version)
    return envelope === undefined ? version : { ...version, envelope }
  })
  for (const { version } of versions) {
    const opened = await openedOrLost(openVersion(call, { record: { ...record, versions }, dek }, version))
    if (opened !== undefined) await refuseOpened(opened, description)
  }
}

/** Undefined also for a version that nobody can open any more. */
async function openedOrLost(opening: Promise<OpenedVersion | undefined>): Promise<OpenedVersion | undefined> {
  try {
    return await opening
  } catch (error) {
    if (isTampered(error)) return undefined
    throw error
  }
}

async function refuseOpened({ value }: OpenedVersion, description: string): Promise<void> {
  try {
    await value.use((bytes) => {
      const plaintext = copyBytes(bytes)
      try {
        refuseRepeatedValue(description, { encoding: value.encoding, plaintext })
      } finally {
        wipe(plaintext)
      }
    })
  } finally {
    value.dispose()
  }
}

function parts({ encoding, plaintext }: ParsedValue): readonly Buffer[] {
  if (encoding !== 'fields') return [plaintext]
  const fields: Readonly<Record<string, string>> = JSON.parse(utf8Text(plaintext) ?? '{}')
  return Object.values(fields).map(utf8Bytes)
}
