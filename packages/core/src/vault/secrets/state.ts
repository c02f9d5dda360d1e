// A secret's state: activate, deactivate, delete, undelete, and destroy, which leaves nothing.
import type { AuditAction, SecretRef, SecretState } from '../../contracts/index.ts'
import { audited, type Caller, denied, type Outcome, withFacts } from '../operation.ts'
import type { ParsedWrite } from '../parse/settings.ts'
import { admit, isAuthorized, turnedAway, withSecret } from '../record/admit.ts'
import { commitPut, commitRemoval, type Put, type Removal } from '../record/commit.ts'
import { keptVersions } from '../record/seal-version.ts'
import { checkExpected, checkUnchanged } from './changes.ts'

/** A verb that moves a secret from one state to another. */
export type StateVerb = 'activate' | 'deactivate' | 'delete' | 'undelete'

interface Transition {
  readonly action: AuditAction
  readonly to: SecretState
  /** States that the verb concerns; in any other there is nothing to do. */
  readonly from: readonly SecretState[]
}

const transitions: Readonly<Record<StateVerb, Transition>> = {
  activate: { action: 'secret.activated', to: 'active', from: ['inactive'] },
  deactivate: { action: 'secret.deactivated', to: 'inactive', from: ['active'] },
  delete: { action: 'secret.deleted', to: 'deleted', from: ['active', 'inactive'] },
  undelete: { action: 'secret.undeleted', to: 'active', from: ['deleted'] },
}

interface StateRequest {
  readonly ref: SecretRef
  readonly options: ParsedWrite
}

/** Moves a secret to the verb's state. False when there is no secret in a state that the verb concerns. */
export function changeState(caller: Caller, request: StateRequest & { readonly verb: StateVerb }): Promise<boolean> {
  const { ref, verb, options } = request
  const { action, to, from } = transitions[verb]
  return audited(caller, { operation: verb, action, ref, signal: options.signal }, (call) => {
    const plan = (): Promise<Put | Outcome<boolean>> =>
      withSecret(call, { ref, operation: verb, deleted: 'yes', absent: false }, async ({ record, facts }) => {
        checkUnchanged(options, record)
        if (!from.includes(record.state)) {
          return { result: false, event: record.state === to ? facts : { ...facts, outcome: 'missing' } }
        }
        return { previous: record, draft: { ...record, state: to, versions: keptVersions(record) }, event: facts }
      })
    return commitPut(call, { ref, plan, result: () => true })
  })
}

/** Removes a secret with all its versions and grants, permanently. False when there is none. */
export function destroySecret(caller: Caller, { ref, options }: StateRequest): Promise<boolean> {
  const { signal } = options
  return audited(caller, { operation: 'destroy', action: 'secret.destroyed', ref, signal }, (call) => {
    const plan = async (): Promise<Removal | Outcome<boolean>> => {
      const admission = await admit(call, { ref, operation: 'destroy', deleted: 'yes' })
      if (admission.kind === 'granted') {
        const { record, facts } = admission
        return withFacts(facts, async () => {
          checkUnchanged(options, record)
          return { ref, id: record.id, revision: record.revision, event: facts }
        })
      }
      // The owner can destroy a record that cannot be trusted, and then use the name again.
      if (admission.kind === 'untrusted' && call.principal.id === ref.owner) {
        const secret = { ...ref, type: 'custom', tier: 1, tags: [] } as const
        const isAllowed = await isAuthorized(call, { operation: 'destroy', secret, untrusted: true })
        if (!isAllowed) return { failure: denied(call), event: {} }
        const { ifRevision } = options
        checkExpected({ ifVersion: undefined, ifRevision }, { ref, version: 0, revision: admission.revision })
        return { ref, id: admission.id, revision: admission.revision, event: {} }
      }
      return turnedAway(call, admission, { result: false })
    }
    return commitRemoval(call, { ref, plan })
  })
}
