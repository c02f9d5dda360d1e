// update: settings without a new value.
import { copyBytes } from '../../bytes/index.ts'
import type { SecretInfo, SecretRef } from '../../contracts/index.ts'
import { audited, type Call, type Caller, type Failed, type Outcome } from '../operation.ts'
import type { ParsedSettings } from '../parse/settings.ts'
import { type Granted, withSecret } from '../record/admit.ts'
import { commitPut, type Put } from '../record/commit.ts'
import { openVersion } from '../record/open-version.ts'
import { keptVersions } from '../record/seal-version.ts'
import { applySettings, refuseRepeatedValue } from '../record/settings.ts'
import { checkIfVersion, refuseReclassify, writtenInfo } from './changes.ts'

/** Changes settings without a new value. Undefined when the secret is absent. */
export function updateSecret(
  caller: Caller,
  { ref, settings }: { readonly ref: SecretRef; readonly settings: ParsedSettings },
): Promise<SecretInfo | undefined> {
  const { signal, ifVersion } = settings
  return audited(caller, { operation: 'update', action: 'secret.updated', ref, signal }, (call) => {
    const plan = (): Promise<Put | Outcome<SecretInfo | undefined>> =>
      withSecret(call, { ref, operation: 'update', absent: undefined }, async (secret): Promise<Put | Failed> => {
        const { record, facts } = secret
        const draft = { ...applySettings(record, settings), versions: keptVersions(record) }
        const refused = await refuseReclassify(call, secret, draft)
        if (refused !== undefined) return refused
        checkIfVersion(ref, ifVersion, record.currentVersion)
        if (typeof settings.description === 'string') await refuseRepeatedCurrent(call, secret, settings.description)
        return { previous: record, draft, event: facts }
      })
    return commitPut(call, { ref, plan, result: writtenInfo(call) })
  })
}

async function refuseRepeatedCurrent(call: Call, secret: Granted, description: string): Promise<void> {
  const opened = await openVersion(call, secret, secret.record.currentVersion)
  if (opened === undefined) return
  const { value } = opened
  try {
    await value.use((plaintext) =>
      refuseRepeatedValue(description, { encoding: value.encoding, plaintext: copyBytes(plaintext) }),
    )
  } finally {
    value.dispose()
  }
}
