// What was asked for: a skeleton until it is there, the problem where there is one, and itself.
import { type Signal, useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { Answer, Problem } from '../client.ts'
import { Notice } from './notice.tsx'
import { Skeleton } from './skeleton.tsx'

export interface Load<T> {
  readonly value: Signal<T | undefined>
  readonly problem: Signal<Problem | undefined>
  load(): Promise<void>
}

/** Asks at first and whenever one of `causes` changes. An answer that a later question has overtaken is not taken. */
export function useLoad<T>(call: () => Promise<Answer<T>>, causes: readonly unknown[]): Load<T> {
  const value = useSignal<T | undefined>(undefined)
  const problem = useSignal<Problem | undefined>(undefined)
  const asked = useRef(0)
  const load = async (): Promise<void> => {
    asked.current += 1
    const round = asked.current
    const answer = await call()
    if (round !== asked.current) return
    problem.value = answer.ok ? undefined : answer.problem
    if (answer.ok) value.value = answer.data
  }
  useEffect(() => void load(), [...causes])
  return { value, problem, load }
}

interface LoadedProps<T> {
  readonly from: Load<T>
  readonly show: (value: T) => ComponentChildren
}

export function Loaded<T>({ from, show }: LoadedProps<T>) {
  const { value, problem, load } = from
  return (
    <>
      {problem.value === undefined ? null : <Notice problem={problem.value} onRetry={load} />}
      {value.value !== undefined ? show(value.value) : problem.value === undefined ? <Skeleton /> : null}
    </>
  )
}
