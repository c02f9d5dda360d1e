// set: a new secret, or the next version of one.
import { randomUUID } from 'node:crypto'
import type { SecretInfo, SecretRef, StoredSecret } from '../../contracts/index.ts'
import { audited, type Call, type Caller, denied, type Failed, type Outcome, withFacts } from '../operation.ts'
import type { ParsedSettings } from '../parse/settings.ts'
import type { ParsedValue } from '../parse/value.ts'
import { admit, decideFor, factsOf, type Granted, turnedAway } from '../record/admit.ts'
import { markedAsCanary, unmarked } from '../record/canary.ts'
import { commitPut, type Draft, type Put } from '../record/commit.ts'
import { isExpired } from '../record/describe.ts'
import { refuseKeptValues, refuseRepeatedValue } from '../record/description.ts'
import { beginningWith } from '../record/history.ts'
import { nextVersion, sealVersion, wipingAfter, withVersion } from '../record/seal-version.ts'
import { applySettings } from '../record/settings.ts'
import { canaryInfo, checkExpected, refuseReclassify, writtenInfo } from './changes.ts'

interface SetRequest {
  readonly ref: SecretRef
  readonly value: ParsedValue
  readonly settings: ParsedSettings
  /** A canary is a new secret that is marked. Any other `set` leaves the mark of a secret as it is. */
  readonly kind?: 'canary'
}

/** Stores a value under a name: a new secret, or the next version of one. */
export function setSecret(caller: Caller, request: SetRequest): Promise<SecretInfo> {
  const { ref, value, settings } = request
  const { signal } = settings
  const operation = request.kind ?? 'set'
  const action = request.kind === 'canary' ? 'secret.created' : 'secret.updated'
  return wipingAfter(value, () =>
    audited(caller, { operation, action, ref, signal }, async (call) => {
      refuseRepeatedValue(settings.description, value)
      return commitPut(call, {
        ref,
        plan: () => planSet(call, request),
        result: request.kind === 'canary' ? canaryInfo(call) : writtenInfo(call),
      })
    }),
  )
}

async function planSet(call: Call, request: SetRequest): Promise<Put | Outcome<SecretInfo>> {
  const admission = await admit(call, { ref: request.ref, operation: 'set', deleted: 'yes' })
  switch (admission.kind) {
    case 'granted':
      return withFacts(admission.facts, () => replaceValue(call, admission, request))
    case 'absent':
      return withFacts({ action: 'secret.created' }, () => create(call, request))
    default:
      // A principal that may not create a secret here gets the same error, so a secret it may not know of stays hidden.
      return turnedAway(call, admission, { failure: denied(call) })
  }
}

async function create(call: Call, { ref, value, settings, kind }: SetRequest): Promise<Put> {
  const blank = blankDraft(ref, call.runtime.config.clock.now())
  const draft = applySettings(blank, settings)
  const { allowed } = await decideFor(call, { operation: 'create', secret: factsOf(draft), grants: [] })
  if (!allowed) throw denied(call)
  checkExpected(settings, { ref, version: 0, revision: 0 })
  const { version, facts } = await sealVersion(call, { ref, version: 1, value })
  return {
    previous: undefined,
    draft: { ...draft, ...(kind === 'canary' ? { managed: markedAsCanary(draft) } : {}), versions: [version] },
    event: { ...facts, action: 'secret.created' },
  }
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

async function replaceValue(call: Call, secret: Granted, request: SetRequest): Promise<Put | Failed> {
  const { record } = secret
  const { ref, value, settings } = request
  const deleted = record.state === 'deleted'
  // An expiry that has passed belonged to the old value.
  const outlived = settings.expiresAt === undefined && isExpired(record, call.runtime.config.clock.now())
  const next = { ...record, currentVersion: nextVersion(record) }
  const draft = applySettings(next, outlived ? { ...settings, expiresAt: null } : settings)
  const refused = await refuseReclassify(call, secret, draft)
  if (refused !== undefined) return refused
  // To its writer a deleted secret is none, or the record that a list of what is deleted shows.
  const revision = deleted && settings.ifRevision === 0 ? 0 : record.revision
  checkExpected(settings, { ref, version: deleted ? 0 : record.currentVersion, revision })
  refuseRepeatedValue(draft.description, value)
  await refuseKeptValues(call, secret, draft.description)
  const { version, facts } = await sealVersion(call, { ref, version: next.currentVersion, value })
  const versions = withVersion(record, version, call.runtime.config.limits.versions)
  const revived = deleted ? await revival(call, record, draft) : {}
  const marked = request.kind === 'canary' ? { managed: markedAsCanary({ ...draft, ...revived }) } : {}
  return {
    previous: record,
    draft: { ...draft, ...revived, ...marked, versions },
    event: { ...secret.facts, ...facts },
  }
}

/**
 * What a deleted secret becomes when its name is set again. It is a fresh start if the principal may take away every
 * grant: those who could read the old secret do not get the new one, and those who get the new one do not get the old
 * versions. Otherwise it is what `undelete` and `set` make together, which the principal may do as well.
 */
async function revival(
  call: Call,
  record: StoredSecret,
  draft: Draft,
): Promise<Pick<Draft, 'state'> & Partial<Pick<Draft, 'grants' | 'managed'>>> {
  const question = { operation: 'unshare', secret: factsOf(record), grants: record.grants } as const
  const { allowed } = await decideFor(call, question)
  return allowed
    ? { state: 'active', grants: [], managed: beginningWith({ ...draft, managed: unmarked(draft) }) }
    : { state: 'active' }
}
