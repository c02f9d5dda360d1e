// A secret's state: activate, deactivate, delete, undelete, and destroy, which leaves nothing.
import type { AuditAction, SecretRef, SecretState } from '../../contracts/index.ts'
import { audited, type Caller } from '../call.ts'
import type { ParsedSettings } from '../parse/settings.ts'
import { admit, admitLoaded } from '../record/admit.ts'
import { commitPut, commitRemoval } from '../record/commit.ts'
import { loadRecord } from '../record/load.ts'
import { keptVersions } from '../record/seal-version.ts'
import { checkIfVersion } from './changes.ts'

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
  readonly options: Pick<ParsedSettings, 'ifVersion' | 'signal'>
}

/** Moves a secret to the verb's state. False when there is no secret in a state that the verb concerns. */
export function changeState(caller: Caller, request: StateRequest & { readonly verb: StateVerb }): Promise<boolean> {
  const { ref, verb, options } = request
  const { action, to, from } = transitions[verb]
  return audited(caller, { operation: verb, action, ref, signal: options.signal }, async (call) => {
    const written = await commitPut(call, ref, async () => {
      const loaded = await admit(call, { ref, operation: verb, versions: 'current', deleted: 'yes' })
      if (loaded === undefined) return undefined
      const { record } = loaded
      if (!from.includes(record.state)) {
        if (record.state !== to) call.outcome = 'missing'
        return undefined
      }
      checkIfVersion(call, options.ifVersion, record.currentVersion)
      return { previous: record, draft: { ...record, state: to, versions: keptVersions(record) } }
    })
    return written !== undefined
  })
}

/** Removes a secret with all its versions and grants, for ever. False when there is none. */
export function destroySecret(caller: Caller, { ref, options }: StateRequest): Promise<boolean> {
  const { signal, ifVersion } = options
  return audited(caller, { operation: 'destroy', action: 'secret.destroyed', ref, signal }, async (call) => {
    return commitRemoval(call, ref, async () => {
      const found = await loadRecord(call, ref, 'current')
      // A record that its owner can no longer use can still be destroyed: that is the way to begin anew.
      if (found?.trusted === false && call.principal.id === ref.owner)
        return { ref, id: found.id, revision: found.revision }
      const loaded = await admitLoaded(call, { ref, operation: 'destroy', deleted: 'yes' }, found)
      if (loaded === undefined) return undefined
      checkIfVersion(call, ifVersion, loaded.record.currentVersion)
      return { ref, id: loaded.record.id, revision: loaded.record.revision }
    })
  })
}
