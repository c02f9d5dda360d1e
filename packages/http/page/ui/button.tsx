// Buttons: with words, or with an icon and a label.
import type { ComponentChildren } from 'preact'
import { Icon, type IconName } from './icon.tsx'

interface ButtonProps {
  readonly kind?: 'primary' | 'plain' | 'danger' | 'quiet'
  readonly icon?: IconName
  readonly type?: 'button' | 'submit'
  /** While it works, it keeps the focus and does nothing. */
  readonly isBusy?: boolean
  readonly isDisabled?: boolean | undefined
  readonly label?: string
  readonly form?: string
  readonly onClick?: (event: MouseEvent) => void
  readonly children: ComponentChildren
}

export function Button(props: ButtonProps) {
  const { kind = 'plain', icon, type = 'button', isBusy = false, isDisabled = false, label, form, onClick } = props
  return (
    <button
      type={type}
      class={`button ${kind}`}
      aria-disabled={isBusy || undefined}
      aria-label={label}
      disabled={isDisabled}
      form={form}
      onClick={(event) => {
        if (isBusy) event.preventDefault()
        else onClick?.(event)
      }}
    >
      {isBusy ? <span class="spinner" aria-hidden="true" /> : icon === undefined ? null : <Icon name={icon} />}
      <span>{props.children}</span>
    </button>
  )
}

export function IconButton(props: { readonly icon: IconName; readonly label: string; readonly onClick: () => void }) {
  return (
    <button
      type="button"
      class="button quiet square"
      aria-label={props.label}
      title={props.label}
      onClick={props.onClick}
    >
      <Icon name={props.icon} />
    </button>
  )
}
