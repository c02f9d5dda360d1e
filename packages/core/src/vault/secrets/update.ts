// update: settings without a new value.
import { copyBytes } from '../../bytes/index.ts'
import type { SecretInfo, SecretRef } from '../../contracts/index.ts'
import { audited, type Call, type Caller } from '../call.ts'
import type { ParsedSettings } from '../parse/settings.ts'
import { admit } from '../record/admit.ts'
import { commitPut } from '../record/commit.ts'
import type { TrustedRecord } from '../record/load.ts'
import { openVersion } from '../record/open-version.ts'
import { keptVersions } from '../record/seal-version.ts'
import { applySettings, refuseRepeatedValue } from '../record/settings.ts'
import { allowChange, checkIfVersion, writtenInfo } from './changes.ts'

/** Changes settings without a new value. Undefined when the secret is absent. */
export function updateSecret(
  caller: Caller,
  { ref, settings }: { readonly ref: SecretRef; readonly settings: ParsedSettings },
): Promise<SecretInfo | undefined> {
  const { signal, ifVersion } = settings
  return audited(caller, { operation: 'update', action: 'secret.updated', ref, signal }, async (call) => {
    const written = await commitPut(call, ref, async () => {
      const loaded = await admit(call, { ref, operation: 'update', versions: 'current' })
      if (loaded === undefined) return undefined
      const { record } = loaded
      const draft = { ...applySettings(record, settings), versions: keptVersions(record) }
      await allowChange(call, { record, draft, operation: 'update' })
      checkIfVersion(call, ifVersion, record.currentVersion)
      if (typeof settings.description === 'string') await refuseRepeatedCurrent(call, loaded, settings.description)
      return { previous: record, draft }
    })
    return written === undefined ? undefined : writtenInfo(call, written)
  })
}

async function refuseRepeatedCurrent(call: Call, loaded: TrustedRecord, description: string): Promise<void> {
  const value = await openVersion(call, loaded, loaded.record.currentVersion)
  try {
    await value?.use((plaintext) =>
      refuseRepeatedValue(description, { encoding: value.encoding, plaintext: copyBytes(plaintext) }),
    )
  } finally {
    value?.dispose()
  }
}
