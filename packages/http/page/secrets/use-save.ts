// A guarded save: it insists on the state that was read when editing began, and a change by someone else stops it.
import { type Signal, useSignal } from '@preact/signals'
import { type Answer, currentOf, type SecretInfo } from '../client.ts'
import type { Ref } from '../route.ts'
import { type Call, useCall } from '../ui/use-call.ts'

export interface Save extends Omit<Call, 'run'> {
  /** The state that the edit began from; undefined for a secret that must not be there yet. */
  readonly base: Signal<SecretInfo | undefined>
  /** What stands in the way: the state that someone else stored meanwhile. */
  readonly stored: Signal<SecretInfo | undefined>
  /** Gives the new state; undefined when there is a problem or a conflict to be shown. */
  save(send: (guard: { readonly ifRevision: number }) => Promise<Answer<SecretInfo>>): Promise<SecretInfo | undefined>
}

export function useSave(info: SecretInfo | undefined, refOf: () => Ref): Save {
  const base = useSignal(info)
  const stored = useSignal<SecretInfo | undefined>(undefined)
  const { run, ...call } = useCall()
  const { problem } = call
  return {
    ...call,
    base,
    stored,
    async save(send) {
      const saved = await run(() => send({ ifRevision: base.value?.revision ?? 0 }))
      stored.value = problem.value?.kind === 'conflict' ? await currentOf(refOf()) : undefined
      if (stored.value !== undefined) problem.value = undefined
      return saved
    },
  }
}
