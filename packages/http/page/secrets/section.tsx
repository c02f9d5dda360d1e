// A part of the drawer that opens on demand; what it needs is loaded only then.
import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { Icon } from '../ui/icon.tsx'

interface SectionProps {
  readonly title: string
  readonly note: string
  readonly children: ComponentChildren
}

export function Section({ title, note, children }: SectionProps) {
  const isOpen = useSignal(false)
  return (
    <details class="section" onToggle={(event) => (isOpen.value = event.currentTarget.open)}>
      <summary>
        <Icon name="chevron" />
        <h3>{title}</h3>
        <span class="hint">{note}</span>
      </summary>
      {isOpen.value ? <div class="section-content">{children}</div> : null}
    </details>
  )
}
