// What was asked for: a skeleton until it is there, the problem where there is one, and itself.
import type { ComponentChildren } from 'preact'
import type { Problem } from '../client.ts'
import { Notice } from './notice.tsx'
import { Skeleton } from './skeleton.tsx'

interface LoadedProps<T> {
  readonly value: T | undefined
  readonly problem: Problem | undefined
  readonly onRetry: () => void
  readonly show: (value: T) => ComponentChildren
}

export function Loaded<T>({ value, problem, onRetry, show }: LoadedProps<T>) {
  return (
    <>
      {problem === undefined ? null : <Notice problem={problem} onRetry={onRetry} />}
      {value !== undefined ? show(value) : problem === undefined ? <Skeleton rows={3} /> : null}
    </>
  )
}
