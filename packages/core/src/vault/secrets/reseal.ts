// patch and restore: a kept version, changed or not, sealed again as the newest.
import { copyBytes } from '../../bytes/index.ts'
import type { SecretInfo, SecretRef } from '../../contracts/index.ts'
import { audited, type Caller, type Outcome } from '../operation.ts'
import type { ParsedWrite } from '../parse/settings.ts'
import { fieldsValue, type ParsedValue } from '../parse/value.ts'
import { withSecret } from '../record/admit.ts'
import { commitPut, type Put } from '../record/commit.ts'
import { refuseRepeatedValue } from '../record/description.ts'
import { mayUseVersion } from '../record/history.ts'
import { openVersion } from '../record/open-version.ts'
import { nextVersion, sealVersion, wipingAfter, withVersion } from '../record/seal-version.ts'
import type { SecretValue } from '../secret-value.ts'
import { checkUnchanged, writtenInfo } from './changes.ts'

/** Changes named fields of a `fields` value; null removes one. Undefined when the secret is absent. */
export function patchSecret(
  caller: Caller,
  request: {
    readonly ref: SecretRef
    readonly changes: ReadonlyMap<string, string | null>
    readonly options: ParsedWrite
  },
): Promise<SecretInfo | undefined> {
  const { ref, changes, options } = request
  return reseal(caller, { ref, options, operation: 'patch', access: 'set', from: undefined }, (value, maxBytes) => {
    const fields = new Map(Object.entries(value.fields()))
    for (const [name, field] of changes) {
      if (field === null) fields.delete(name)
      else fields.set(name, field)
    }
    return fieldsValue(fields, maxBytes)
  })
}

/** Makes the value of an older kept version the newest version. Undefined when there is no such version. */
export function restoreSecret(
  caller: Caller,
  request: {
    readonly ref: SecretRef
    readonly version: number
    readonly options: ParsedWrite
  },
): Promise<SecretInfo | undefined> {
  const { ref, version, options } = request
  return reseal(caller, { ref, options, operation: 'restore', access: 'restore', from: version }, async (value) =>
    value.use((bytes) => ({ encoding: value.encoding, plaintext: copyBytes(bytes) })),
  )
}

interface Reseal {
  readonly ref: SecretRef
  readonly options: ParsedWrite
  readonly operation: string
  readonly access: 'set' | 'restore'
  /** The version to begin from; the current one when absent. */
  readonly from: number | undefined
}

type Rework = (value: SecretValue, maxBytes: number) => ParsedValue | Promise<ParsedValue>

/** Opens a version, changes it, and stores it as the newest. */
function reseal(caller: Caller, request: Reseal, rework: Rework): Promise<SecretInfo | undefined> {
  const { ref, options, operation, access, from } = request
  const { signal } = options
  return audited(caller, { operation, action: 'secret.updated', ref, signal }, (call) => {
    const { limits } = call.runtime.config
    const question = { ref, operation: access, versions: from ?? 'current', absent: undefined } as const
    const plan = (): Promise<Put | Outcome<SecretInfo | undefined>> =>
      withSecret(call, question, async (secret): Promise<Put | Outcome<undefined>> => {
        const { record, facts } = secret
        checkUnchanged(options, record)
        const isServed = from === undefined || mayUseVersion(call, record, from)
        const opened = isServed ? await openVersion(call, secret, from ?? record.currentVersion) : undefined
        if (opened === undefined) return { result: undefined, event: { ...facts, outcome: 'missing' } }
        try {
          const value = await rework(opened.value, limits.valueBytes)
          return await wipingAfter(value, async () => {
            refuseRepeatedValue(record.description, value)
            const sealed = await sealVersion(call, { ref, version: nextVersion(record), value })
            const { version } = sealed.version
            const versions = withVersion(record, sealed.version, limits.versions)
            const draft = { ...record, currentVersion: version, versions }
            return { previous: record, draft, event: { ...facts, ...sealed.facts } }
          })
        } finally {
          opened.value.dispose()
        }
      })
    return commitPut(call, { ref, plan, result: writtenInfo(call) })
  })
}
