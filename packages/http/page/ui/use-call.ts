// One call of the API at a time: whether it is on its way, and what was wrong with the last one.
import { type Signal, useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { Answer, Problem } from '../client.ts'

export interface Call {
  readonly isBusy: Signal<boolean>
  readonly problem: Signal<Problem | undefined>
  /** Gives the answer's data; undefined after a problem, which is then there to be shown. */
  run<T>(call: () => Promise<Answer<T>>): Promise<T | undefined>
  /** Whether what made the call is still on the page: an answer may come after it was closed. */
  isHere(): boolean
}

export function useCall(): Call {
  const isBusy = useSignal(false)
  const problem = useSignal<Problem | undefined>(undefined)
  const isHere = useRef(true)
  useEffect(
    () => () => {
      isHere.current = false
    },
    [],
  )
  return {
    isBusy,
    problem,
    isHere: () => isHere.current,
    async run(call) {
      isBusy.value = true
      const answer = await call()
      isBusy.value = false
      problem.value = answer.ok ? undefined : answer.problem
      return answer.ok ? answer.data : undefined
    },
  }
}
