// Says what went wrong, and offers to try again: what was typed stays where it is.
import type { ComponentChildren } from 'preact'
import type { Problem } from '../client.ts'
import { Button } from './button.tsx'
import { Icon } from './icon.tsx'

export function Notice(props: {
  readonly problem: Problem
  readonly onRetry?: (() => void) | undefined
  readonly isBusy?: boolean
}) {
  const { problem, onRetry, isBusy = false } = props
  return (
    <Banner tone="danger">
      <p>
        {problem.message}
        {problem.correlationId === undefined ? null : <span class="hint"> Reference {problem.correlationId}</span>}
      </p>
      {onRetry === undefined ? null : (
        <Button isBusy={isBusy} onClick={onRetry}>
          Try again
        </Button>
      )}
    </Banner>
  )
}

export function Banner(props: { readonly tone: 'danger' | 'warn'; readonly children: ComponentChildren }) {
  return (
    <div class={`banner ${props.tone}`} role="alert">
      <Icon name="warn" />
      <div class="banner-content">{props.children}</div>
    </div>
  )
}
