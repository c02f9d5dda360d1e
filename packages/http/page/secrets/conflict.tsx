// A conflicting edit: what is stored now beside what was typed, and the choice between them. Nothing is overwritten.
import type { ComponentChildren } from 'preact'
import type { SecretInfo } from '../client.ts'
import { Button } from '../ui/button.tsx'
import { Banner } from '../ui/notice.tsx'
import { Distance } from '../ui/time.tsx'

interface ConflictProps {
  readonly stored: SecretInfo
  readonly children?: ComponentChildren
  readonly keepLabel: string
  readonly onKeep: () => void
  readonly onTake: () => void
  readonly isBusy: boolean
}

export function Conflict(props: ConflictProps) {
  const { stored, children, keepLabel, onKeep, onTake, isBusy } = props
  return (
    <Banner tone="warn">
      <p>
        <b>Someone changed this secret meanwhile.</b> It is now at version {stored.version}, changed{' '}
        <Distance at={stored.updatedAt} />. What you typed is still here and was not saved.
      </p>
      {children}
      <div class="row-actions">
        <Button isBusy={isBusy} onClick={onKeep}>
          {keepLabel}
        </Button>
        <Button kind="quiet" onClick={onTake}>
          Discard mine
        </Button>
      </div>
    </Banner>
  )
}
