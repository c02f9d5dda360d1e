// set: a new secret, or the next version of one.
import { randomUUID } from 'node:crypto'
import type { SecretInfo, SecretRef } from '../../contracts/index.ts'
import { audited, type Call, type Caller, denied } from '../call.ts'
import type { ParsedSettings } from '../parse/settings.ts'
import type { ParsedValue } from '../parse/value.ts'
import { decideFor, factsOf } from '../record/admit.ts'
import { commitPut, type Draft, type Put } from '../record/commit.ts'
import { isExpired } from '../record/describe.ts'
import { loadRecord, type TrustedRecord } from '../record/load.ts'
import { nextVersion, sealVersion, wipingAfter, withVersion } from '../record/seal-version.ts'
import { applySettings, refuseRepeatedValue } from '../record/settings.ts'
import { allowChange, checkIfVersion, writtenInfo } from './changes.ts'

/** Stores a value under a name: a new secret, or the next version of one. */
export function setSecret(
  caller: Caller,
  request: { readonly ref: SecretRef; readonly value: ParsedValue; readonly settings: ParsedSettings },
): Promise<SecretInfo> {
  const { ref, value, settings } = request
  const { signal } = settings
  return wipingAfter(value, () =>
    audited(caller, { operation: 'set', action: 'secret.updated', ref, signal }, async (call) => {
      refuseRepeatedValue(settings.description, value)
      const written = await commitPut(call, ref, async () => {
        const loaded = await loadRecord(call, ref, 'current')
        if (loaded?.trusted === false) {
          throw loaded.known ? loaded.error : denied(call)
        }
        call.action = loaded === undefined ? 'secret.created' : 'secret.updated'
        return loaded === undefined ? create(call, request) : replaceValue(call, loaded, request)
      })
      return writtenInfo(call, written)
    }),
  )
}

interface SetRequest {
  readonly ref: SecretRef
  readonly value: ParsedValue
  readonly settings: ParsedSettings
}

async function create(call: Call, { ref, value, settings }: SetRequest): Promise<Put> {
  const blank = blankDraft(ref, call.runtime.config.clock.now())
  const draft = applySettings(blank, settings)
  const { allowed } = await decideFor(call, { operation: 'create', secret: factsOf(draft), grants: [] })
  if (!allowed) throw denied(call)
  checkIfVersion(call, settings.ifVersion, 0)
  const version = await sealVersion(call, { ref, version: 1, value })
  return { previous: undefined, draft: { ...draft, versions: [version] } }
}

function blankDraft(ref: SecretRef, createdAt: Date): Draft {
  return {
    id: randomUUID(),
    ref,
    currentVersion: 1,
    state: 'active',
    type: 'custom',
    tier: 2,
    tags: [],
    createdAt,
    useCount: 0,
    managed: new Uint8Array(),
    grants: [],
    versions: [],
  }
}

async function replaceValue(call: Call, { record }: TrustedRecord, request: SetRequest): Promise<Put> {
  const { ref, value, settings } = request
  const deleted = record.state === 'deleted'
  // An expiry that has passed was the old value's.
  const outlived = settings.expiresAt === undefined && isExpired(record, call.runtime.config.clock.now())
  const draft = applySettings(record, outlived ? { ...settings, expiresAt: null } : settings)
  await allowChange(call, { record, draft, operation: 'set' })
  checkIfVersion(call, settings.ifVersion, deleted ? 0 : record.currentVersion)
  const version = await sealVersion(call, { ref, version: nextVersion(record), value })
  const versions = withVersion(record, version, call.runtime.config.limits.versions)
  // A name used again after its deletion is a fresh start: those who could read the old secret do not get the new one.
  const revived = deleted ? ({ state: 'active', grants: [] } as const) : {}
  return { previous: record, draft: { ...draft, ...revived, currentVersion: version.version, versions } }
}
