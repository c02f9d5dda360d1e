// One call of the API at a time: whether it is on its way, and what was wrong with the last one.
import { type Signal, useSignal } from '@preact/signals'
import type { Answer, Problem } from '../client.ts'

export interface Call {
  readonly isBusy: Signal<boolean>
  readonly problem: Signal<Problem | undefined>
  /** Gives the answer's data; undefined after a problem, which is then there to be shown. */
  run<T>(call: () => Promise<Answer<T>>): Promise<T | undefined>
}

export function useCall(): Call {
  const isBusy = useSignal(false)
  const problem = useSignal<Problem | undefined>(undefined)
  return {
    isBusy,
    problem,
    async run(call) {
      isBusy.value = true
      const answer = await call()
      isBusy.value = false
      problem.value = answer.ok ? undefined : answer.problem
      return answer.ok ? answer.data : undefined
    },
  }
}
