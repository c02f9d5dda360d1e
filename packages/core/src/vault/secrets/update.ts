// update: settings without a new value.
import type { SecretInfo, SecretRef } from '../../contracts/index.ts'
import { audited, type Caller, type Failed, type Outcome } from '../operation.ts'
import type { ParsedSettings } from '../parse/settings.ts'
import { withSecret } from '../record/admit.ts'
import { commitPut, type Put } from '../record/commit.ts'
import { refuseKeptValues } from '../record/description.ts'
import { keptVersions } from '../record/seal-version.ts'
import { applySettings } from '../record/settings.ts'
import { checkUnchanged, refuseReclassify, writtenInfo } from './changes.ts'

/** Changes settings without a new value. Undefined when the secret is absent. */
export function updateSecret(
  caller: Caller,
  { ref, settings }: { readonly ref: SecretRef; readonly settings: ParsedSettings },
): Promise<SecretInfo | undefined> {
  const { signal } = settings
  return audited(caller, { operation: 'update', action: 'secret.updated', ref, signal }, (call) => {
    const plan = (): Promise<Put | Outcome<SecretInfo | undefined>> =>
      withSecret(call, { ref, operation: 'update', absent: undefined }, async (secret): Promise<Put | Failed> => {
        const { record, facts } = secret
        const draft = { ...applySettings(record, settings), versions: keptVersions(record) }
        const refused = await refuseReclassify(call, secret, draft)
        if (refused !== undefined) return refused
        checkUnchanged(settings, record)
        await refuseKeptValues(call, secret, draft.description)
        return { previous: record, draft, event: facts }
      })
    return commitPut(call, { ref, plan, result: writtenInfo(call) })
  })
}
